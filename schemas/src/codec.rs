//! The codec: Confluent wire format (a zero byte, the schema id as four bytes big-endian, the Avro datum).

use std::{collections::HashMap, sync::LazyLock};

use apache_avro::{Schema, reader::datum::GenericDatumReader, writer::datum::GenericDatumWriter};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AuditEntry, Body, ChainHead, Configured, DeadLetter, DeadLetterDecided, DocumentChunked,
    DocumentFailed, DocumentRepeated, DocumentSubmitted, DocumentVersion, Fact, FaultCode,
    ModelReplied, ModelRequested, OpenRequest, PairDecided, PairJudged, PairProposed, Parked,
    SnoDecided, SnoJudged, SnoProposed,
};

/// A version of a published schema. Its id never changes; a new version gets a new line.
#[derive(Debug, Clone, Copy)]
pub struct SchemaEntry {
    /// The id in the frame.
    pub id: u32,
    /// The record's name.
    pub name: &'static str,
    /// Counted from 1.
    pub version: u32,
    /// The schema as published.
    pub json: &'static str,
}

impl SchemaEntry {
    /// The subject under which a registry holds it: producers of documents find theirs under the name of the topic,
    /// as is usual; the others, of which several share a topic, stand under their own names.
    pub fn subject(&self, namespace: &str) -> String {
        match self.name {
            "DocumentSubmitted" => format!("{namespace}.documents-value"),
            name => format!("cns.{name}"),
        }
    }
}

macro_rules! schema {
    ($id:literal, $name:ident, $version:literal, $file:literal) => {
        SchemaEntry {
            id: $id,
            name: stringify!($name),
            version: $version,
            json: include_str!(concat!("../", $file)),
        }
    };
}

macro_rules! schemas {
    (
        older: $(($old_id:literal, $old_name:ident, $old_version:literal, $old_file:literal)),*;
        newest: $(($id:literal, $name:ident, $version:literal, $file:literal)),* $(,)?
    ) => {
        /// Every version of every schema, oldest first for each name.
        pub const SCHEMAS: &[SchemaEntry] = &[
            $(schema!($old_id, $old_name, $old_version, $old_file),)*
            $(schema!($id, $name, $version, $file)),*
        ];
        $(impl Recorded for $name {
            const NAME: &'static str = stringify!($name);
        })*
    };
}

/// A type that is recorded under a schema of its name.
pub trait Recorded: Serialize + DeserializeOwned {
    /// The schema's name.
    const NAME: &'static str;
}

schemas![
    older:
    (9, Configured, 1, "Configured.v1.avsc");
    newest:
    (1, DocumentSubmitted, 1, "DocumentSubmitted.v1.avsc"),
    (2, DocumentChunked, 1, "DocumentChunked.v1.avsc"),
    (3, SnoProposed, 1, "SnoProposed.v1.avsc"),
    (4, PairProposed, 1, "PairProposed.v1.avsc"),
    (5, SnoJudged, 1, "SnoJudged.v1.avsc"),
    (6, PairJudged, 1, "PairJudged.v1.avsc"),
    (7, SnoDecided, 1, "SnoDecided.v1.avsc"),
    (8, PairDecided, 1, "PairDecided.v1.avsc"),
    (21, Configured, 2, "Configured.v2.avsc"),
    (10, ModelRequested, 1, "ModelRequested.v1.avsc"),
    (11, ModelReplied, 1, "ModelReplied.v1.avsc"),
    (12, Fact, 1, "Fact.v1.avsc"),
    (13, AuditEntry, 1, "AuditEntry.v1.avsc"),
    (14, DeadLetter, 1, "DeadLetter.v1.avsc"),
    (15, DocumentVersion, 1, "DocumentVersion.v1.avsc"),
    (16, Parked, 1, "Parked.v1.avsc"),
    (17, OpenRequest, 1, "OpenRequest.v1.avsc"),
    (18, ChainHead, 1, "ChainHead.v1.avsc"),
    (19, DocumentRepeated, 1, "DocumentRepeated.v1.avsc"),
    (20, DocumentFailed, 1, "DocumentFailed.v1.avsc"),
    (24, DeadLetterDecided, 1, "DeadLetterDecided.v1.avsc"),
];

/// Bytes that cannot be read as the record that they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Shorter than a frame, or the first byte is not zero.
    #[error("not in Confluent wire format: {hint}")]
    NotFramed {
        /// What the bytes look like.
        hint: String,
    },
    /// The frame's id is not in the table.
    #[error("schema id {0} is not known")]
    UnknownId(u32),
    /// The record is of another kind.
    #[error("a {found} where a {wanted} belongs")]
    OtherRecord {
        /// What was asked for.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// The datum does not match its schema.
    #[error("bytes do not match {name} version {version}: {detail}")]
    Mismatch {
        /// The schema.
        name: &'static str,
        /// Its version.
        version: u32,
        /// What the Avro library says.
        detail: String,
    },
}

impl DecodeError {
    /// The code under which the record goes to the dead letters.
    pub fn code(&self) -> FaultCode {
        match self {
            DecodeError::NotFramed { .. } => FaultCode::NotConfluentFramed,
            DecodeError::UnknownId(_) => FaultCode::UnknownSchemaId,
            DecodeError::OtherRecord { .. } => FaultCode::UnexpectedRecord,
            DecodeError::Mismatch { .. } => FaultCode::SchemaIncompatible,
        }
    }
}

struct Compiled {
    entry: &'static SchemaEntry,
    reader: GenericDatumReader<'static>,
    writer: GenericDatumWriter<'static>,
    /// Resolves to the newest version; `None` when this is the newest.
    upcast: Option<GenericDatumReader<'static>>,
}

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let parse = |entry: &SchemaEntry| -> &'static Schema {
        let schema = Schema::parse_str(entry.json).expect("a published schema parses");
        Box::leak(Box::new(schema))
    };
    let parsed: Vec<_> = SCHEMAS.iter().map(|entry| (entry, parse(entry))).collect();
    let build = |(entry, schema): &(&'static SchemaEntry, &'static Schema)| {
        let newest = parsed.iter().rev().find(|(e, _)| e.name == entry.name);
        let (newest_entry, newest_schema) = newest.expect("the entry itself is in the table");
        let upcast = (newest_entry.id != entry.id).then(|| {
            GenericDatumReader::builder(schema)
                .reader_schema(newest_schema)
                .human_readable(false)
                .build()
                .expect("a newer version resolves an older one")
        });
        Compiled {
            entry,
            reader: GenericDatumReader::builder(schema)
                .human_readable(false)
                .build()
                .expect("a published schema resolves"),
            writer: GenericDatumWriter::builder(schema)
                .human_readable(false)
                .build()
                .expect("a published schema resolves"),
            upcast,
        }
    };
    parsed.iter().map(build).collect()
});

static NEWEST: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    SCHEMAS.iter().enumerate().map(|(index, entry)| (entry.name, index)).collect()
});

/// Encodes with the newest schema of a name, decodes any version of it.
pub struct Codec;

const FRAME_BYTES: usize = 5;

impl Codec {
    /// The framed bytes of a record.
    pub fn encode<T: Recorded>(record: &T) -> Vec<u8> {
        let compiled = &COMPILED[NEWEST[T::NAME]];
        let mut bytes = vec![0];
        bytes.extend(compiled.entry.id.to_be_bytes());
        compiled
            .writer
            .write_ser(&mut bytes, record)
            .expect("a recorded type matches its own schema, which a test holds");
        bytes
    }

    /// Reads a framed record of a known kind.
    ///
    /// # Errors
    /// Not framed, unknown id, another kind, or bytes that do not match the schema.
    pub fn decode<T: Recorded>(bytes: &[u8]) -> Result<T, DecodeError> {
        let (compiled, datum) = Self::open(bytes)?;
        if compiled.entry.name != T::NAME {
            return Err(DecodeError::OtherRecord { wanted: T::NAME, found: compiled.entry.name });
        }
        read(compiled, datum)
    }

    /// The name of the schema that the frame names.
    ///
    /// # Errors
    /// Not framed, or unknown id.
    pub fn name(bytes: &[u8]) -> Result<&'static str, DecodeError> {
        Ok(Self::open(bytes)?.0.entry.name)
    }

    /// Reads a framed event of any kind that an inbox can hold.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    pub fn decode_body(bytes: &[u8]) -> Result<Body, DecodeError> {
        let (compiled, datum) = Self::open(bytes)?;
        Ok(match compiled.entry.name {
            DocumentSubmitted::NAME => Body::DocumentSubmitted(read(compiled, datum)?),
            DocumentChunked::NAME => Body::DocumentChunked(read(compiled, datum)?),
            DocumentRepeated::NAME => Body::DocumentRepeated(read(compiled, datum)?),
            DocumentFailed::NAME => Body::DocumentFailed(read(compiled, datum)?),
            DeadLetterDecided::NAME => Body::DeadLetterDecided(read(compiled, datum)?),
            SnoProposed::NAME => Body::SnoProposed(read(compiled, datum)?),
            PairProposed::NAME => Body::PairProposed(read(compiled, datum)?),
            SnoJudged::NAME => Body::SnoJudged(read(compiled, datum)?),
            PairJudged::NAME => Body::PairJudged(read(compiled, datum)?),
            SnoDecided::NAME => Body::SnoDecided(read(compiled, datum)?),
            PairDecided::NAME => Body::PairDecided(read(compiled, datum)?),
            Configured::NAME => Body::Configured(read(compiled, datum)?),
            ModelRequested::NAME => Body::ModelRequested(read(compiled, datum)?),
            ModelReplied::NAME => Body::ModelReplied(read(compiled, datum)?),
            AuditEntry::NAME => Body::AuditEntry(read(compiled, datum)?),
            Fact::NAME => Body::Fact,
            other => return Err(DecodeError::OtherRecord { wanted: "event", found: other }),
        })
    }

    /// The framed bytes of an event's body. A [`Body::Fact`] has none of its own.
    pub fn encode_body(body: &Body) -> Vec<u8> {
        match body {
            Body::DocumentSubmitted(record) => Self::encode(record),
            Body::DocumentChunked(record) => Self::encode(record),
            Body::DocumentRepeated(record) => Self::encode(record),
            Body::DocumentFailed(record) => Self::encode(record),
            Body::DeadLetterDecided(record) => Self::encode(record),
            Body::SnoProposed(record) => Self::encode(record),
            Body::PairProposed(record) => Self::encode(record),
            Body::SnoJudged(record) => Self::encode(record),
            Body::PairJudged(record) => Self::encode(record),
            Body::SnoDecided(record) => Self::encode(record),
            Body::PairDecided(record) => Self::encode(record),
            Body::Configured(record) => Self::encode(record),
            Body::ModelRequested(record) => Self::encode(record),
            Body::ModelReplied(record) => Self::encode(record),
            Body::AuditEntry(record) => Self::encode(record),
            Body::Fact => Vec::new(),
        }
    }

    fn open(bytes: &[u8]) -> Result<(&'static Compiled, &[u8]), DecodeError> {
        if bytes.len() < FRAME_BYTES || bytes[0] != 0 {
            return Err(DecodeError::NotFramed { hint: looks_like(bytes) });
        }
        let (frame, datum) = bytes.split_at(FRAME_BYTES);
        let id = u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]);
        let compiled = COMPILED.iter().find(|c| c.entry.id == id);
        Ok((compiled.ok_or(DecodeError::UnknownId(id))?, datum))
    }
}

fn read<T: Recorded>(compiled: &Compiled, mut datum: &[u8]) -> Result<T, DecodeError> {
    let outcome = match &compiled.upcast {
        None => compiled.reader.read_deser(&mut datum),
        Some(upcast) => {
            upcast.read_value(&mut datum).and_then(|value| apache_avro::from_value(&value))
        }
    };
    let mismatch = |detail: String| DecodeError::Mismatch {
        name: compiled.entry.name,
        version: compiled.entry.version,
        detail,
    };
    let record = outcome.map_err(|error| mismatch(error.to_string()))?;
    if !datum.is_empty() {
        return Err(mismatch(format!("{} bytes are left over", datum.len())));
    }
    Ok(record)
}

fn looks_like(bytes: &[u8]) -> String {
    match bytes.first() {
        None => "the value is empty".into(),
        Some(b'{' | b'[') => {
            "looks like plain JSON; the producer is not using an Avro serializer".into()
        }
        Some(0) => format!("only {} bytes", bytes.len()),
        Some(first) => format!("the first byte is {first:#04x}, not 0x00"),
    }
}
