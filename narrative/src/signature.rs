//! Near-duplicates: minimum hashes over word shingles.
//!
//! Invariant: two texts with the same narrative words have the same signature whatever their markup, list
//! markers and link targets are. The constants are part of what is recorded: changing one makes all recorded
//! signatures incomparable.

use std::sync::LazyLock;

use regex::Regex;

use crate::even::words;
use crate::limits::{SHINGLE_WORDS, SIGNATURE_HASHES};

/// Link targets and list markers: they come and go with the rendering of one and the same text.
static RENDERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)(?:https?://|www\.)\S+|^[ \t]*(?:[-*+•‣]|\(?\d{1,3}[.)])[ \t]+")
        .expect("the pattern is valid")
});

/// 64 minimum hashes over the word 3-shingles of a plain text (Broder 1997); empty when it has no words.
pub fn signature(plain: &str) -> Vec<i64> {
    let words = words(&RENDERING.replace_all(plain, " "));
    if words.is_empty() {
        return Vec::new();
    }
    let seeds: Vec<u64> = (1_u64..).take(SIGNATURE_HASHES).map(mix).collect();
    let mut minima = vec![u64::MAX; SIGNATURE_HASHES];
    for shingle in words.windows(SHINGLE_WORDS.min(words.len())) {
        let base = hash_words(shingle);
        for (seed, minimum) in seeds.iter().zip(minima.iter_mut()) {
            *minimum = (*minimum).min(mix(base ^ seed));
        }
    }
    // Avro has no unsigned type; the highest bit is given up.
    minima.into_iter().map(|hash| (hash >> 1) as i64).collect()
}

/// The estimated Jaccard similarity of two signatures, 0 to 1; 0 when one is empty or they differ in length.
pub fn similarity(a: &[i64], b: &[i64]) -> f64 {
    if a.is_empty() || a.len() != b.len() {
        return 0.0;
    }
    let equal = a.iter().zip(b).filter(|(left, right)| left == right).count();
    equal as f64 / a.len() as f64
}

/// FNV-1a over the words, a separator after each.
fn hash_words(words: &[String]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finaliser of SplitMix64: two rounds of multiply and shift (Steele, Lea, Flood 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_never_change() {
        let signature = signature("Stars orbit about as fast far out as further in.");
        assert_eq!(signature.len(), SIGNATURE_HASHES);
        assert_eq!(
            signature.iter().fold(0_i64, |sum, hash| sum.wrapping_mul(31).wrapping_add(*hash)),
            3_473_991_330_738_769_230
        );
    }

    #[test]
    fn unrelated_texts_are_far_apart() {
        let a = signature("Rotation curves of spirals stay flat far from their centres.");
        let b = signature("Coffee in the afternoon delays sleep by forty minutes in adults.");
        assert_eq!(similarity(&a, &b), 0.0);
        assert_eq!(similarity(&a, &a), 1.0);
        assert_eq!(similarity(&[], &[]), 0.0);
    }
}
