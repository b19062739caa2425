//! Identifiers. Each derives from its cause and an index, never from a clock, a random number or an offset,
//! so that a retry gives the same id.

use sha2::{Digest, Sha256};

/// The first `chars` hexadecimal digits of the SHA-256 over the parts, each preceded by its length.
///
/// The length prefix keeps `("ab", "c")` and `("a", "bc")` apart.
pub fn hash_hex(parts: &[&[u8]], chars: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(chars);
    hex
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One event of the log: `ev_` and 32 hexadecimal digits.
    EventId
);
id!(
    /// The unit of work that a submitter follows: `job_…`, or whatever a foreign producer sent.
    JobId
);
id!(
    /// A Structured Narrative Object: `sno_` and 16 hexadecimal digits.
    SnoId
);
id!(
    /// An unordered pair of SNOs: `pair_` and 16 hexadecimal digits.
    PairId
);

impl EventId {
    /// The `index`-th event that the handling of `cause` produced in `stage`.
    pub fn child(cause: &str, stage: &str, index: usize) -> EventId {
        let index = (index as u64).to_be_bytes();
        EventId(format!("ev_{}", hash_hex(&[cause.as_bytes(), stage.as_bytes(), &index], 32)))
    }

    /// An event that came from outside without an id: named by what it holds.
    pub fn foreign(key: &[u8], value: &[u8]) -> EventId {
        EventId(format!("ev_{}", hash_hex(&[b"foreign", key, value], 32)))
    }
}

impl SnoId {
    /// The SNO of one version of a document.
    pub fn of_document(key: &DocumentKey, content_hash: &str) -> SnoId {
        let key = key.to_string();
        SnoId(format!("sno_{}", hash_hex(&[key.as_bytes(), content_hash.as_bytes()], 16)))
    }

    /// The SNO synthesized from a pair.
    pub fn of_pair(pair: &PairId) -> SnoId {
        SnoId(format!("sno_{}", hash_hex(&[b"synthesis", pair.0.as_bytes()], 16)))
    }
}

impl PairId {
    /// The pair of two SNOs; the order of the arguments does not matter.
    pub fn of(a: &str, b: &str) -> PairId {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        PairId(format!("pair_{}", hash_hex(&[low.as_bytes(), high.as_bytes()], 16)))
    }
}

/// Whose document: the key of `documents` and `passages`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    /// Who owns it.
    pub tenant: String,
    /// The collection inside which documents are compared.
    pub corpus: String,
    /// The document's own id.
    pub document_id: String,
}

impl std::fmt::Display for DocumentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.corpus, self.document_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pair_id_ignores_order() {
        assert_eq!(PairId::of("sno_a", "sno_b"), PairId::of("sno_b", "sno_a"));
        assert_ne!(PairId::of("sno_a", "sno_b"), PairId::of("sno_a", "sno_c"));
    }

    #[test]
    fn hash_keeps_part_boundaries() {
        assert_ne!(hash_hex(&[b"ab", b"c"], 32), hash_hex(&[b"a", b"bc"], 32));
    }
}
