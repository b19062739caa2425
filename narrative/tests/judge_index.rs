//! Recall of the index keys on synthetic vectors and sets.

use std::collections::BTreeSet;

use cns_narrative::index::{BITS, TABLES};
use cns_narrative::{probe_buckets, signature_bands, vector_buckets};
use cns_schemas::Vector;

/// A fixed sequence of numbers in [−1, 1].
struct Numbers(u64);

impl Numbers {
    fn bits(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ (self.0 >> 33);
        x.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ (x >> 29)
    }

    fn gaussian(&mut self) -> f32 {
        (0..12).map(|_| (self.bits() >> 40) as f32 / (1u64 << 24) as f32).sum::<f32>() - 6.0
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..256).map(|_| self.gaussian()).collect()
    }
}

/// A vector at the given cosine to `base`.
fn near(base: &[f32], cosine: f32, numbers: &mut Numbers) -> Vec<f32> {
    let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let other = numbers.vector();
    let dot = base.iter().zip(&other).map(|(x, y)| x * y).sum::<f32>() / norm(base).powi(2);
    let across: Vec<f32> = other.iter().zip(base).map(|(y, x)| y - dot * x).collect();
    let (a, b) = (cosine / norm(base), (1.0 - cosine * cosine).sqrt() / norm(&across));
    base.iter().zip(&across).map(|(x, y)| a * x + b * y).collect()
}

fn recall(cosine: f32) -> f64 {
    let mut numbers = Numbers(7);
    let rounds = 300;
    let met = (0..rounds).filter(|_| {
        let base = numbers.vector();
        let other = near(&base, cosine, &mut numbers);
        let rows: BTreeSet<u32> = vector_buckets(&Vector::from_floats(&base)).into_iter().collect();
        probe_buckets(&Vector::from_floats(&other)).iter().any(|bucket| rows.contains(bucket))
    });
    met.count() as f64 / f64::from(rounds)
}

#[test]
fn near_vectors_are_found_and_far_ones_rarely() {
    let found: Vec<(f32, f64)> =
        [0.95, 0.9, 0.8, 0.7, 0.55, 0.0].map(|cosine| (cosine, recall(cosine))).into();
    println!("recall by cosine: {found:?}");
    assert!(found[0].1 >= 0.99, "{found:?}");
    assert!(found[1].1 >= 0.97, "{found:?}");
    assert!(found[2].1 >= 0.85, "{found:?}");
    assert!(found[5].1 <= 0.15, "{found:?}");
}

#[test]
fn buckets_are_few_stable_and_in_their_tables() {
    let v = Vector::from_floats(&Numbers(1).vector());
    let rows = vector_buckets(&v);
    assert_eq!(rows.len(), TABLES as usize);
    for (table, bucket) in rows.iter().enumerate() {
        assert_eq!(bucket >> BITS, table as u32);
    }
    let probes = probe_buckets(&v);
    assert_eq!(probes[..rows.len()], rows[..]);
    assert_eq!(probes.iter().collect::<BTreeSet<_>>().len(), probes.len());
    assert!(vector_buckets(&Vector::from_floats(&[0.0; 256])).is_empty());
    assert!(probe_buckets(&Vector::default()).is_empty());
}

#[test]
fn stored_keys_never_change() {
    let v = Vector::from_floats(&[0.5, -0.25, 0.125, 1.0]);
    assert_eq!(vector_buckets(&v)[..4], GOLDEN_BUCKETS, "{:?}", vector_buckets(&v));
    assert_eq!(
        signature_bands(&[1, 2, 3, 4]),
        [GOLDEN_BAND],
        "{:?}",
        signature_bands(&[1, 2, 3, 4])
    );
}

const GOLDEN_BUCKETS: [u32; 4] = [2171, 4638, 9022, 13172];
const GOLDEN_BAND: u64 = 10_655_102_753_250_782_001;

/// Signatures of which each value agrees with probability `similarity`.
fn band_recall(similarity: f64) -> f64 {
    let mut numbers = Numbers(3);
    let rounds = 500;
    let met = (0..rounds).filter(|_| {
        let a: Vec<i64> = (0..64).map(|_| numbers.bits() as i64).collect();
        let b: Vec<i64> = a
            .iter()
            .map(|x| {
                if (numbers.bits() >> 11) as f64 / ((1u64 << 53) as f64) < similarity {
                    *x
                } else {
                    numbers.bits() as i64
                }
            })
            .collect();
        let rows: BTreeSet<u64> = signature_bands(&a).into_iter().collect();
        signature_bands(&b).iter().any(|band| rows.contains(band))
    });
    met.count() as f64 / f64::from(rounds)
}

#[test]
fn near_duplicates_share_a_band() {
    assert!(band_recall(0.9) >= 0.999);
    assert!(band_recall(0.8) >= 0.99);
    assert!(band_recall(0.2) <= 0.05);
    assert_eq!(signature_bands(&[5; 64]).len(), 16);
    assert!(signature_bands(&[]).is_empty());
    // Equal rows in other bands are other keys.
    assert_eq!(signature_bands(&[5; 64]).into_iter().collect::<BTreeSet<_>>().len(), 16);
}
