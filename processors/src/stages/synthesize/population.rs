//! The rows of one corpus: SNOs and the indexes over them. Every look-up is bounded, so that the next SNO
//! costs the same in a large corpus as in a small one.

use std::collections::{BTreeMap, BTreeSet};

use cns_narrative::index;
use cns_schemas::{Codec, Evidence, Sno, SnoDecided, Vector};
use cns_state::Table;

use crate::{
    Input, PartitionRows, RowChange, StageError, limits,
    stages::row,
    topology::tables::{BANDS, BUCKETS, CARDS, CHILDREN, DOCUMENTS, EVIDENCE, PAIRS, SNOS, TEXTS},
};

/// Which version of a document is the newest that came, and the SNO and text that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub version: u32,
    pub sno_id: String,
    pub content_hash: String,
}

impl Standing {
    fn of(sno: &Sno) -> Standing {
        Standing {
            version: sno.document_version,
            sno_id: sno.sno_id.clone(),
            content_hash: sno.content_hash.clone(),
        }
    }

    fn write(&self) -> Vec<u8> {
        format!("{} {} {}", self.version, self.sno_id, self.content_hash).into_bytes()
    }

    fn read(bytes: &[u8]) -> Result<Standing, StageError> {
        let text = String::from_utf8_lossy(bytes);
        let parts: Vec<&str> = text.split(' ').collect();
        let standing = || -> Option<Standing> {
            let [version, sno_id, content_hash] = parts.as_slice() else { return None };
            let (sno_id, content_hash) = ((*sno_id).to_owned(), (*content_hash).to_owned());
            Some(Standing { version: version.parse().ok()?, sno_id, content_hash })
        };
        standing().ok_or_else(|| {
            StageError::Stop(cns_state::Error::Corrupt {
                what: "table documents".into(),
                detail: format!("`{text}` is no version, SNO and text"),
            })
        })
    }
}

/// One corpus, with the changes that the step has made so far.
///
/// Invariant: an SNO of `snos` that is still compared stands in every index, one that was removed in none.
pub struct Population {
    rows: PartitionRows,
    /// What every key begins with.
    prefix: Vec<u8>,
    pub changes: Vec<RowChange>,
}

impl Population {
    pub fn of(input: &Input<'_>, corpus: &str) -> Population {
        let prefix = [input.event.tenant.as_bytes(), &[0], corpus.as_bytes(), &[0]].concat();
        Population { rows: input.rows.clone(), prefix, changes: Vec::new() }
    }

    pub fn sno(&self, sno_id: &str) -> Result<Option<SnoDecided>, StageError> {
        let bytes = self.rows.get(SNOS, &self.key(&[sno_id.as_bytes()]))?;
        bytes.map(|bytes| row(SNOS.name, &bytes)).transpose()
    }

    /// An SNO without its claims, relations and quotes: enough to find out whether it is worth more, and many
    /// times cheaper to read.
    pub fn card(&self, sno_id: &str) -> Result<Option<Sno>, StageError> {
        let bytes = self.rows.get(CARDS, &self.key(&[sno_id.as_bytes()]))?;
        let card: Option<SnoDecided> = bytes.map(|bytes| row(CARDS.name, &bytes)).transpose()?;
        Ok(card.map(|card| card.sno))
    }

    /// What stands for a document.
    pub fn standing(&self, document_id: &str) -> Result<Option<Standing>, StageError> {
        let bytes = self.rows.get(DOCUMENTS, &self.key(&[document_id.as_bytes()]))?;
        bytes.map(|bytes| Standing::read(&bytes)).transpose()
    }

    /// The document that has exactly this text.
    pub fn same_text(&self, content_hash: &str) -> Result<Option<String>, StageError> {
        let bytes = self.rows.get(TEXTS, &self.key(&[content_hash.as_bytes()]))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// SNOs that share a signature band: candidates for near-duplicates.
    pub fn in_bands(&self, signature: &[i64]) -> Result<BTreeSet<String>, StageError> {
        let mut found = BTreeSet::new();
        for band in index::signature_bands(signature) {
            let prefix = self.key(&[&band.to_be_bytes()]);
            found.extend(self.ids(BANDS, &prefix)?);
        }
        Ok(found)
    }

    /// SNOs that cite the evidence.
    pub fn citing(&self, evidence_id: &str) -> Result<Vec<String>, StageError> {
        self.ids(EVIDENCE, &self.key(&[evidence_id.as_bytes(), &[0]]))
    }

    /// SNOs whose hypothesis lies in the same or a neighbouring bucket, with the cosine, nearest first.
    pub fn near(&self, vector: &Vector) -> Result<Vec<(String, f64)>, StageError> {
        let mut found: BTreeMap<String, f64> = BTreeMap::new();
        for bucket in index::probe_buckets(vector) {
            let prefix = self.key(&[&bucket.to_be_bytes()]);
            for (key, components) in self.rows.scan(BUCKETS, &prefix, limits::INDEX_SCAN_MAX)? {
                let cosine = vector.cosine(&Vector { components });
                found.insert(String::from_utf8_lossy(&key[prefix.len()..]).into_owned(), cosine);
            }
        }
        let mut near: Vec<(String, f64)> = found.into_iter().collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(near)
    }

    /// Whether the two were compared since `sno_id` came in.
    pub fn knows_pair(&self, sno_id: &str, other: &str) -> Result<bool, StageError> {
        let key = self.key(&[sno_id.as_bytes(), &[0], other.as_bytes()]);
        Ok(self.rows.get(PAIRS, &key)?.is_some())
    }

    /// Notes under each of the two that they are compared.
    pub fn note_pair(&mut self, a: &str, b: &str) {
        for (of, with) in [(a, b), (b, a)] {
            let key = self.key(&[of.as_bytes(), &[0], with.as_bytes()]);
            self.put(PAIRS, key, Vec::new());
        }
    }

    /// Forgets with whom an SNO that goes was compared: if its text comes back, it is compared anew.
    fn forget_pairs(&mut self, sno_id: &str) -> Result<(), StageError> {
        let prefix = self.key(&[sno_id.as_bytes(), &[0]]);
        for (key, _) in self.rows.scan(PAIRS, &prefix, limits::PAIRS_FORGOTTEN_MAX)? {
            self.changes.push(RowChange { table: PAIRS, key, value: None });
        }
        Ok(())
    }

    /// Notes what stands for a document, whatever became of it: an older version that comes later must not win.
    pub fn note_document(&mut self, sno: &Sno, document_id: &str) {
        let key = self.key(&[document_id.as_bytes()]);
        self.put(DOCUMENTS, key, Standing::of(sno).write());
    }

    /// Notes that the document has exactly this text.
    pub fn note_text(&mut self, content_hash: &str, document_id: &str) {
        let key = self.key(&[content_hash.as_bytes()]);
        self.put(TEXTS, key, document_id.as_bytes().to_vec());
    }

    /// Forgets that the document has this text, if it is noted under that document.
    pub fn forget_text(&mut self, content_hash: &str, document_id: &str) -> Result<(), StageError> {
        if self.same_text(content_hash)?.as_deref() == Some(document_id) {
            let key = self.key(&[content_hash.as_bytes()]);
            self.changes.push(RowChange { table: TEXTS, key, value: None });
        }
        Ok(())
    }

    /// Notes that a synthesis rests on its parents.
    pub fn note_parents(&mut self, child: &Sno) {
        for parent in &child.parent_ids {
            let key = self.key(&[parent.as_bytes(), &[0], child.sno_id.as_bytes()]);
            self.put(CHILDREN, key, Vec::new());
        }
    }

    /// Takes an SNO out, with all syntheses that rest on it; returns the ids of those that were in.
    pub fn withdraw(&mut self, sno_id: &str) -> Result<Vec<String>, StageError> {
        let (mut reached, mut next) = (vec![sno_id.to_owned()], 0);
        let mut withdrawn = Vec::new();
        while let Some(id) = reached.get(next).cloned() {
            next += 1;
            for child in self.ids(CHILDREN, &self.key(&[id.as_bytes(), &[0]]))? {
                if !reached.contains(&child) && reached.len() < limits::WITHDRAWN_MAX {
                    reached.push(child);
                }
            }
            if let Some(decided) = self.sno(&id)? {
                self.remove(&decided.sno);
                self.forget_pairs(&id)?;
                withdrawn.push(id);
            }
        }
        Ok(withdrawn)
    }

    /// Adds an SNO to the table and the indexes. One that is not compared any more (`compared` is false) is not
    /// found by its evidence, where it would stand in the way of those that are.
    pub fn add(&mut self, decided: &SnoDecided, compared: bool) {
        let key = self.key(&[decided.sno.sno_id.as_bytes()]);
        self.put(SNOS, key.clone(), Codec::encode(decided));
        self.put(CARDS, key, Codec::encode(&card_of(decided)));
        for (table, key, value) in self.index_rows(&decided.sno) {
            if compared || table != EVIDENCE {
                self.put(table, key, value);
            }
        }
    }

    /// Takes an SNO out of the table and every index.
    pub fn remove(&mut self, sno: &Sno) {
        let key = self.key(&[sno.sno_id.as_bytes()]);
        self.changes.push(RowChange { table: SNOS, key: key.clone(), value: None });
        self.changes.push(RowChange { table: CARDS, key, value: None });
        for (table, key, _) in self.index_rows(sno) {
            self.changes.push(RowChange { table, key, value: None });
        }
    }

    fn index_rows(&self, sno: &Sno) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        let id = sno.sno_id.as_bytes();
        let mut rows = Vec::new();
        if !sno.signature.is_empty() {
            let bands = index::signature_bands(&sno.signature).into_iter();
            rows.extend(
                bands.map(|band| (BANDS, self.key(&[&band.to_be_bytes(), id]), Vec::new())),
            );
        }
        let cited = sno.evidence.iter().filter(|evidence| evidence.resolved);
        rows.extend(cited.map(|evidence| {
            (EVIDENCE, self.key(&[evidence.evidence_id.as_bytes(), &[0], id]), Vec::new())
        }));
        if let Some(vector) = sno.vectors.first() {
            let buckets = index::vector_buckets(vector).into_iter();
            rows.extend(buckets.map(|bucket| {
                (BUCKETS, self.key(&[&bucket.to_be_bytes(), id]), vector.components.clone())
            }));
        }
        rows
    }

    fn ids(&self, table: Table, prefix: &[u8]) -> Result<Vec<String>, StageError> {
        let rows = self.rows.scan(table, prefix, limits::INDEX_SCAN_MAX)?;
        Ok(rows
            .iter()
            .map(|(key, _)| String::from_utf8_lossy(&key[prefix.len()..]).into_owned())
            .collect())
    }

    fn key(&self, parts: &[&[u8]]) -> Vec<u8> {
        [self.prefix.as_slice(), &parts.concat()].concat()
    }

    fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.changes.push(RowChange { table, key, value: Some(value) });
    }
}

fn card_of(decided: &SnoDecided) -> SnoDecided {
    let sno = &decided.sno;
    let evidence = sno.evidence.iter().map(|evidence| Evidence {
        evidence_id: evidence.evidence_id.clone(),
        resolved: evidence.resolved,
        ..Evidence::default()
    });
    let card = Sno {
        sno_id: sno.sno_id.clone(),
        corpus: sno.corpus.clone(),
        provenance: sno.provenance,
        document_ids: sno.document_ids.clone(),
        document_version: sno.document_version,
        parent_ids: sno.parent_ids.clone(),
        generation: sno.generation,
        evidence: evidence.collect(),
        vectors: sno.vectors.iter().take(1).cloned().collect(),
        signature: sno.signature.clone(),
        ..Sno::default()
    };
    SnoDecided { sno: card, trust: decided.trust, ..SnoDecided::default() }
}
