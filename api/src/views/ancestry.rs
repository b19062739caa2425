//! Lineage: from an SNO down to characters of documents, and up to all that rests on it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cns_state::Error;

use super::Reader;
use crate::{
    dto::{DocumentSpans, Lineage, Placed, PlacedSpan, QuoteView, SnoRef, SnoView, SpanView},
    limits::{LINEAGE_DOCUMENTS_MAX, LINEAGE_SNOS_MAX},
};

impl From<&SnoView> for SnoRef {
    fn from(of: &SnoView) -> SnoRef {
        SnoRef {
            sno_id: of.sno_id.clone(),
            provenance: of.provenance.clone(),
            status: of.status,
            hypothesis: of.hypothesis.clone(),
            trust: of.trust,
            generation: of.generation,
            document_ids: of.document_ids.clone(),
            parent_ids: of.parent_ids.clone(),
            pair_id: of.pair_id.clone(),
        }
    }
}

impl Reader {
    /// Both ways from an SNO.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn lineage(&self, tenant: &str, sno: &SnoView) -> Result<Lineage, Error> {
        let (parents, cut_above) = self.walk(tenant, sno, |view| Ok(view.parent_ids.clone()))?;
        let (children, cut_below) = self.walk(tenant, sno, |view| {
            let children = self.children(tenant, &view.sno_id)?;
            Ok(children.into_iter().map(|child| child.sno_id).collect())
        })?;
        let pair = match &sno.pair_id {
            Some(pair_id) => self.pair(tenant, pair_id)?,
            None => None,
        };
        let pair = pair.map(|pair| self.conflict(tenant, pair)).transpose()?;
        let ground: Vec<&SnoView> =
            std::iter::once(sno).chain(parents.iter().map(|(_, view)| view)).collect();
        Ok(Lineage {
            documents: self.ground(tenant, sno, &ground)?,
            parents: parents.iter().map(placed).collect(),
            pair,
            children: children.iter().map(placed).collect(),
            made_by: self.makings(tenant, &sno.sno_id)?,
            truncated: cut_above || cut_below || sno.document_ids.len() > LINEAGE_DOCUMENTS_MAX,
            sno: SnoRef::from(sno),
        })
    }

    /// All that can be reached, nearest first, each once; and whether the limit cut it off.
    fn walk(
        &self,
        tenant: &str,
        from: &SnoView,
        next: impl Fn(&SnoView) -> Result<Vec<String>, Error>,
    ) -> Result<(Vec<(u32, SnoView)>, bool), Error> {
        let mut seen = BTreeSet::from([from.sno_id.clone()]);
        let mut ahead: VecDeque<(u32, String)> =
            next(from)?.into_iter().map(|id| (1, id)).collect();
        let mut found = Vec::new();
        while let Some((distance, id)) = ahead.pop_front() {
            if !seen.insert(id.clone()) {
                continue;
            }
            // The one that it begins with is seen too; one that is not there was looked for all the same.
            if seen.len() > LINEAGE_SNOS_MAX + 1 {
                return Ok((found, true));
            }
            if let Some(view) = self.sno(tenant, &id)? {
                ahead.extend(next(&view)?.into_iter().map(|id| (distance + 1, id)));
                found.push((distance, view));
            }
        }
        Ok((found, false))
    }

    /// The documents below an SNO, with the places that the SNO speaks of.
    fn ground(
        &self,
        tenant: &str,
        sno: &SnoView,
        all: &[&SnoView],
    ) -> Result<Vec<DocumentSpans>, Error> {
        let mut spans = places(sno);
        let mut quotes = quotes(sno);
        let mut documents = Vec::new();
        for document_id in sno.document_ids.iter().take(LINEAGE_DOCUMENTS_MAX) {
            let of_document = |view: &&&SnoView| {
                view.parent_ids.is_empty() && view.document_ids.contains(document_id)
            };
            let own = all.iter().find(of_document);
            let known = self.documents(tenant, document_id, Some(&sno.corpus))?.into_iter().next();
            documents.push(DocumentSpans {
                document_id: document_id.clone(),
                corpus: sno.corpus.clone(),
                source: known.map(|document| document.source),
                version: own.map(|view| view.document_version),
                sno_id: own.map(|view| view.sno_id.clone()),
                spans: spans.remove(document_id).unwrap_or_default(),
                quotes: quotes.remove(document_id).unwrap_or_default(),
            });
        }
        Ok(documents)
    }
}

fn placed((distance, view): &(u32, SnoView)) -> Placed {
    Placed { distance: *distance, sno: SnoRef::from(view) }
}

/// Where claims stand, and for a synthesis where what each side says stands; by document, in order.
fn places(sno: &SnoView) -> BTreeMap<String, Vec<PlacedSpan>> {
    let claims = sno
        .claims
        .iter()
        .map(|claim| (&claim.document_id, &claim.claim_id, claim.span.clone(), &claim.text));
    let findings = sno.narrative.iter().flat_map(|narrative| &narrative.findings);
    let sides = findings.flat_map(|finding| {
        finding
            .sides
            .iter()
            .map(|side| (&side.document_id, &finding.claim_id, side.span.clone(), &side.text))
    });
    let mut places: BTreeMap<String, Vec<PlacedSpan>> = BTreeMap::new();
    for (document_id, claim_id, span, text) in claims.chain(sides) {
        if span == SpanView::default() {
            // A statement of the synthesis itself stands in no document.
            continue;
        }
        let place = PlacedSpan { claim_id: claim_id.clone(), span, text: text.clone() };
        places.entry(document_id.clone()).or_default().push(place);
    }
    for places in places.values_mut() {
        places.sort_by(|x, y| {
            (x.span.start, x.span.end, &x.claim_id).cmp(&(y.span.start, y.span.end, &y.claim_id))
        });
        places.dedup();
    }
    places
}

fn quotes(sno: &SnoView) -> BTreeMap<String, Vec<QuoteView>> {
    let mut quotes: BTreeMap<String, Vec<QuoteView>> = BTreeMap::new();
    for quote in sno.evidence.iter().flat_map(|evidence| &evidence.quotes) {
        quotes.entry(quote.document_id.clone()).or_default().push(quote.clone());
    }
    for quotes in quotes.values_mut() {
        quotes.sort_by_key(|quote| (quote.span.start, quote.span.end));
        quotes.dedup();
    }
    quotes
}
