//! Schemas that others registered, read as the newest version of ours.

use apache_avro::{
    Schema, reader::datum::GenericDatumReader, schema_compatibility::SchemaCompatibility,
    writer::datum::GenericDatumWriter,
};

use crate::{DecodeError, SCHEMAS, SchemaEntry};

/// A schema that came from a registry, and how records written with it become ours.
pub struct Foreign {
    newest: &'static SchemaEntry,
    how: How,
}

enum How {
    /// It is one of ours: only the id in the frame differs.
    Ours(u32),
    Resolved(Box<(GenericDatumReader<'static>, GenericDatumWriter<'static>)>),
}

impl Foreign {
    /// Reads a schema of a registry.
    ///
    /// # Errors
    /// It is no schema, has a name that is not ours, or its records cannot be read as ours.
    pub fn parse(json: &str) -> Result<Foreign, String> {
        let schema = Schema::parse_str(json).map_err(|error| format!("it is no Avro: {error}"))?;
        let name = schema.name().map(|name| name.name().to_owned()).unwrap_or_default();
        let of_name = |entry: &&SchemaEntry| entry.name == name;
        let newest = SCHEMAS.iter().rev().find(of_name);
        let newest = newest.ok_or_else(|| format!("no record of ours is called `{name}`"))?;
        let form = schema.canonical_form();
        let same = |entry: &&SchemaEntry| parsed(entry.json).canonical_form() == form;
        if let Some(entry) = SCHEMAS.iter().filter(of_name).find(same) {
            return Ok(Foreign { newest, how: How::Ours(entry.id) });
        }
        let ours = leaked(parsed(newest.json));
        SchemaCompatibility::can_read(&schema, ours)
            .map_err(|error| format!("it does not fit {name}: {error}"))?;
        let failed = |error: apache_avro::Error| format!("it does not fit {name}: {error}");
        let reader = GenericDatumReader::builder(leaked(schema))
            .reader_schema(ours)
            .human_readable(false)
            .build()
            .map_err(failed)?;
        let writer =
            GenericDatumWriter::builder(ours).human_readable(false).build().map_err(failed)?;
        Ok(Foreign { newest, how: How::Resolved(Box::new((reader, writer))) })
    }

    /// The framed bytes under an id of ours of what was written with this schema.
    ///
    /// # Errors
    /// The datum does not match the schema.
    pub fn framed(&self, datum: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let frame = |id: u32| [&[0], id.to_be_bytes().as_slice()].concat();
        let (reader, writer) = match &self.how {
            How::Ours(id) => return Ok([frame(*id).as_slice(), datum].concat()),
            How::Resolved(both) => both.as_ref(),
        };
        let mismatch = |error: apache_avro::Error| DecodeError::Mismatch {
            name: self.newest.name,
            version: self.newest.version,
            detail: error.to_string(),
        };
        let value = reader.read_value(&mut &*datum).map_err(mismatch)?;
        let mut bytes = frame(self.newest.id);
        writer.write_value(&mut bytes, value).map_err(mismatch)?;
        Ok(bytes)
    }
}

fn parsed(json: &str) -> Schema {
    Schema::parse_str(json).expect("a published schema parses")
}

/// Readers borrow their schemas. A registry holds few, and each is read once.
fn leaked(schema: Schema) -> &'static Schema {
    Box::leak(Box::new(schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Codec, DocumentSubmitted, Recorded as _};

    fn document() -> DocumentSubmitted {
        DocumentSubmitted {
            document_id: "d".into(),
            corpus: "c".into(),
            source: "s".into(),
            text: "We find.".into(),
            ..DocumentSubmitted::default()
        }
    }

    fn ours() -> &'static SchemaEntry {
        SCHEMAS.iter().find(|entry| entry.name == DocumentSubmitted::NAME).unwrap()
    }

    #[test]
    fn our_own_schema_needs_another_id_only() {
        let foreign = Foreign::parse(ours().json).unwrap();
        let bytes = Codec::encode(&document());
        assert_eq!(foreign.framed(&bytes[5..]).unwrap(), bytes);
    }

    #[test]
    fn a_producer_that_knows_four_fields_is_read_with_our_defaults() {
        let four = r#"{"type":"record","name":"DocumentSubmitted","namespace":"cns","fields":[
            {"name":"text","type":"string"},{"name":"source","type":"string"},
            {"name":"corpus","type":"string"},{"name":"document_id","type":"string"}]}"#;
        let schema = Schema::parse_str(four).unwrap();
        let mut record = apache_avro::types::Record::new(&schema).unwrap();
        for (field, value) in
            [("text", "We find."), ("source", "s"), ("corpus", "c"), ("document_id", "d")]
        {
            record.put(field, value);
        }
        let writer = GenericDatumWriter::builder(&schema).build().unwrap();
        let datum = writer.write_value_to_vec(record).unwrap();
        let framed = Foreign::parse(four).unwrap().framed(&datum).unwrap();
        assert_eq!(Codec::decode::<DocumentSubmitted>(&framed).unwrap(), document());
    }

    #[test]
    fn what_cannot_be_ours_is_refused_with_a_reason() {
        let refused = |json: &str| Foreign::parse(json).err().unwrap();
        assert!(refused("{").contains("no Avro"));
        let order = r#"{"type":"record","name":"Order","fields":[]}"#;
        assert!(refused(order).contains("`Order`"), "{}", refused(order));
        let three = r#"{"type":"record","name":"DocumentSubmitted","namespace":"cns","fields":[
            {"name":"source","type":"string"},{"name":"corpus","type":"string"},
            {"name":"document_id","type":"string"}]}"#;
        assert!(refused(three).contains("DocumentSubmitted"), "{}", refused(three));
    }

    #[test]
    fn a_datum_that_does_not_match_is_a_mismatch() {
        let four = r#"{"type":"record","name":"DocumentSubmitted","namespace":"cns","fields":[
            {"name":"document_id","type":"string"},{"name":"corpus","type":"string"},
            {"name":"source","type":"string"},{"name":"text","type":"string"}]}"#;
        let foreign = Foreign::parse(four).unwrap();
        assert!(matches!(foreign.framed(&[2]), Err(DecodeError::Mismatch { .. })));
    }
}
