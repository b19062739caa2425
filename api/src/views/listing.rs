//! Pages of lists: one order over all audit partitions, filters, cursors.
//!
//! Invariant: an entry's place never changes and the cursor is a place, so rows that arrive later neither
//! repeat nor hide one that a reader has yet to see.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cns_state::{Error, Rows, Table};

use super::{
    Reader,
    key::{PLACE_BYTES, key, recorded_at},
    tables::rank_bytes,
};
use crate::{
    dto::Facets,
    limits::{CURSOR_CHARS_MAX, CURSOR_ID_BYTES_MAX, PAGE_ROWS_READ_AT_ONCE, PAGE_ROWS_READ_MAX},
};

/// A place in a list. Invariant: the text is never longer than a caller may send back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(Vec<u8>);

impl Cursor {
    /// Reads what [`Cursor::show`] gave; `None` when it is nothing of the kind.
    pub fn read(text: &str) -> Option<Cursor> {
        if text.len() > CURSOR_CHARS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() > PLACE_BYTES).then_some(Cursor(bytes))
    }

    /// Behind a place. An id that is too long is cut, with a byte that stands behind every id that goes on
    /// from there; places differ before their ids do.
    fn behind(place: &[u8]) -> Cursor {
        match place.get(..PLACE_BYTES + CURSOR_ID_BYTES_MAX) {
            Some(cut) if cut.len() < place.len() => Cursor([cut, &[0xFF]].concat()),
            _ => Cursor(place.to_vec()),
        }
    }

    /// As text for a URL.
    pub fn show(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

/// What a page shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this corpus.
    pub corpus: Option<String>,
    /// With this status.
    pub status: Option<String>,
    /// With this provenance.
    pub provenance: Option<String>,
    /// With at least this trust.
    pub min_trust: Option<f64>,
    /// Recorded at this time or later, milliseconds since 1970.
    pub since_ms: Option<i64>,
}

impl Filter {
    fn is_before(&self, at_ms: i64) -> bool {
        self.since_ms.is_some_and(|since| at_ms < since)
    }

    fn lets_pass(&self, facets: &Facets, at_ms: i64) -> bool {
        let same =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        self.since_ms.is_none_or(|since| at_ms >= since)
            && same(&self.status, &facets.status)
            && same(&self.provenance, facets.provenance.as_deref().unwrap_or_default())
            && self.min_trust.is_none_or(|min| facets.trust.is_some_and(|trust| trust >= min))
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct Listed {
    /// What passed the filter, newest first.
    pub entries: Vec<Facets>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

/// What one partition holds of a page.
struct Part {
    found: Vec<(Vec<u8>, Facets)>,
    /// Up to where the partition was looked at; `None` when it has no more.
    seen: Option<Vec<u8>>,
}

impl Reader {
    /// A page of at most `limit` entries after `after`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn page(
        &self,
        table: Table,
        tenant: &str,
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed, Error> {
        let prefix = key(&[tenant, filter.corpus.as_deref().unwrap_or_default()]);
        let mut parts = Vec::new();
        for partition in 0..self.partitions {
            parts.push(self.part(table, partition, &prefix, filter, after, limit)?);
        }
        // Beyond the place up to which a partition was looked at it may hold more, so the page ends there.
        let seen = parts.iter().filter_map(|part| part.seen.clone()).min();
        let mut found: Vec<(Vec<u8>, Facets)> =
            parts.into_iter().flat_map(|part| part.found).collect();
        found.sort_by(|x, y| x.0.cmp(&y.0));
        if let Some(seen) = &seen {
            found.retain(|(place, _)| place <= seen);
        }
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|(place, _)| Cursor::behind(place))
        } else {
            seen.map(|place| Cursor::behind(&place))
        };
        Ok(Listed { entries: found.into_iter().map(|(_, facets)| facets).collect(), next })
    }

    fn part(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        filter: &Filter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Part, Error> {
        let mut last = after.map(|cursor| [prefix, &cursor.0].concat());
        let mut found = Vec::new();
        let mut looked_at = 0;
        loop {
            let rows = self.views.scan(
                table,
                partition,
                prefix,
                last.as_deref(),
                PAGE_ROWS_READ_AT_ONCE,
            )?;
            let complete = rows.len() < PAGE_ROWS_READ_AT_ONCE;
            looked_at += rows.len();
            for (key, value) in rows {
                let place = key[prefix.len()..].to_vec();
                let facets: Facets = self.parse(table, &value)?;
                let at_ms = recorded_at(&place, rank_bytes(table));
                if filter.is_before(at_ms) && rank_bytes(table) == 0 {
                    // The newest come first: there is nothing more.
                    return Ok(Part { found, seen: None });
                }
                if filter.lets_pass(&facets, at_ms) {
                    found.push((place.clone(), facets));
                }
                last = Some(key);
                // One more than asked for, to know whether there is a next page.
                if found.len() > limit {
                    return Ok(Part { found, seen: Some(place) });
                }
            }
            if complete {
                return Ok(Part { found, seen: None });
            }
            if looked_at >= PAGE_ROWS_READ_MAX {
                let seen = last.map(|key| key[prefix.len()..].to_vec());
                return Ok(Part { found, seen });
            }
        }
    }
}
