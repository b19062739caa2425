//! A hashing encoder: stems and pairs of stems, hashed into 256 dimensions.
//!
//! Invariant: needs no data and gives the same bytes on every machine. It measures shared words, not meaning:
//! a paraphrase in other words is far away, and a denial is near.

use std::collections::BTreeMap;

use cns_narrative::words::content_stems;
use cns_schemas::Vector;

/// Dimensions of every vector.
pub const DIMENSIONS: usize = 256;
/// What two neighbouring stems count beside single ones.
const BIGRAM_WEIGHT: f32 = 0.5;

/// The unit vector of a text; zeros when it has no word that carries a topic.
pub fn embed(text: &str) -> Vector {
    let stems = content_stems(text);
    let mut counts: BTreeMap<(String, bool), u32> = BTreeMap::new();
    for stem in &stems {
        *counts.entry((stem.clone(), false)).or_default() += 1;
    }
    for pair in stems.windows(2) {
        *counts.entry((pair.join(" "), true)).or_default() += 1;
    }
    let mut sums = [0.0f32; DIMENSIONS];
    for ((feature, bigram), count) in counts {
        let hash = fnv1a(feature.as_bytes());
        // The root is exact on every machine, a logarithm is not.
        let weight = (count as f32).sqrt() * if bigram { BIGRAM_WEIGHT } else { 1.0 };
        let sign = if hash >> 63 == 1 { -1.0 } else { 1.0 };
        sums[(hash % DIMENSIONS as u64) as usize] += sign * weight;
    }
    Vector::from_floats(&sums)
}

/// FNV-1a, 64 bits, with a last mixing so that the low bits depend on all.
fn fnv1a(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_texts_are_near_and_others_are_not() {
        let claim = embed("Afternoon coffee increases the output of office workers.");
        let denial = embed("Afternoon coffee does not increase the output of office workers.");
        let other = embed("The tenor bell was tuned to within two cents of its pitch.");
        assert!(claim.cosine(&denial) > 0.95);
        assert!(claim.cosine(&other) < 0.3);
        assert_eq!(claim.components.len(), DIMENSIONS);
    }

    #[test]
    fn nothing_to_embed_gives_zeros() {
        for text in ["", "the of and", "…"] {
            assert!(embed(text).components.iter().all(|c| *c == 0), "{text}");
        }
    }
}
