//! Content that can be erased without breaking a proof: subjects, cipher, bytes.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

/// How the bytes of a [`Sealed`] field are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns", default = r#""none""#)]
pub enum Cipher {
    // Plain bytes.
    #[default]
    None,
}

/// Content that is quoted or derived from documents. Hashes are taken over this form, so that destroying a
/// key later leaves every hash valid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Sealed {
    /// The documents that the content speaks of (`tenant/corpus/document`).
    pub subjects: Vec<String>,
    /// How the bytes are protected.
    pub cipher: Cipher,
    /// The content: a Confluent-framed record.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// Seals with cipher `none`.
    pub fn plain(subjects: Vec<String>, bytes: Vec<u8>) -> Sealed {
        Sealed { subjects, cipher: Cipher::None, bytes }
    }

    /// The content in the clear.
    pub fn open(&self) -> &[u8] {
        match self.cipher {
            Cipher::None => &self.bytes,
        }
    }
}
