//! Keys under which a store finds near vectors and near-duplicate texts without looking at all of them.
//!
//! Invariant: the keys of a vector or a signature never change (they stand in stored rows), and depend on
//! nothing but it. Deliberately absent: the rows themselves.

use cns_schemas::Vector;

/// Tables of hyperplanes; a near vector has to meet in one of them.
pub const TABLES: u32 = 16;
/// Hyperplanes of a table.
pub const BITS: u32 = 12;
/// Least certain bits of a table that a probe also tries the other way.
pub const FLIPS: usize = 6;
/// Bands of a signature.
pub const BANDS: usize = 16;
/// Minimum hashes in a band.
pub const ROWS: usize = 4;

/// One bucket in each table: random-hyperplane hashing (Charikar 2002). Two vectors at angle θ share a bit
/// with probability 1 − θ/π. A vector of zeros has no direction and no bucket.
pub fn vector_buckets(v: &Vector) -> Vec<u32> {
    tables(v).iter().enumerate().map(|(table, margins)| bucket(table, margins)).collect()
}

/// The own buckets, and those that differ in one of the [`FLIPS`] bits whose hyperplane is nearest to the vector
/// (multi-probe, Lv et al. 2007). Without repeats, own buckets first.
pub fn probe_buckets(v: &Vector) -> Vec<u32> {
    let tables = tables(v);
    let mut probes: Vec<u32> =
        tables.iter().enumerate().map(|(table, margins)| bucket(table, margins)).collect();
    for (table, margins) in tables.iter().enumerate() {
        let own = bucket(table, margins);
        let mut order: Vec<usize> = (0..margins.len()).collect();
        order.sort_by_key(|bit| (margins[*bit].abs(), *bit));
        probes.extend(order.iter().take(FLIPS).map(|bit| own ^ (1 << bit)));
    }
    probes
}

/// One key for each band of four minimum hashes (Broder 1997, banding of Leskovec et al.). Two sets with
/// Jaccard similarity s share a band with probability 1 − (1 − s⁴)¹⁶: 0.999 at 0.8, 0.35 at 0.4.
pub fn signature_bands(signature: &[i64]) -> Vec<u64> {
    signature
        .chunks_exact(ROWS)
        .take(BANDS)
        .enumerate()
        .map(|(band, rows)| {
            rows.iter().fold(scramble(band as u64), |key, row| scramble(key ^ *row as u64))
        })
        .collect()
}

/// For each table the signed distances to its hyperplanes; none for a vector of zeros.
fn tables(v: &Vector) -> Vec<Vec<i64>> {
    if v.components.iter().all(|component| *component == 0) {
        return Vec::new();
    }
    let margin = |table: u32, bit: u32| {
        let plane = u64::from(table * BITS + bit) << 32;
        let mut sum = 0i64;
        for (block, components) in v.components.chunks(64).enumerate() {
            // Fixed constants without a table of them: bit i of the scrambled number is the sign in dimension i.
            let signs = scramble(plane | block as u64);
            for (index, component) in components.iter().enumerate() {
                let component = i64::from(*component as i8);
                sum += if signs >> index & 1 == 1 { component } else { -component };
            }
        }
        sum
    };
    (0..TABLES).map(|table| (0..BITS).map(|bit| margin(table, bit)).collect()).collect()
}

fn bucket(table: usize, margins: &[i64]) -> u32 {
    let bits = margins
        .iter()
        .enumerate()
        .fold(0u32, |bits, (bit, margin)| bits | u32::from(*margin > 0) << bit);
    (table as u32) << BITS | bits
}

/// SplitMix64's finaliser (Steele et al. 2014): each input bit changes each output bit with probability 1/2.
fn scramble(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
