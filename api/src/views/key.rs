//! Keys of view rows. Invariant: each part carries its length, so no two different lists of parts give the
//! same bytes, and a list of fewer parts is a prefix of every list that continues it.

use crate::dto::Recorded;

/// The bytes of a key made of these parts.
pub fn key(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u32).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// Length of the place of a [`Moment`] in a key.
pub const MOMENT_BYTES: usize = 10;

/// What an audit partition holds up to here: an entry, and how much of what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The entry.
    pub sequence: i64,
    /// The number of what it tells, counted from 0.
    pub number: u16,
}

impl Moment {
    /// Behind all that an entry tells.
    pub fn behind(sequence: i64) -> Moment {
        Moment { sequence, number: u16::MAX }
    }

    /// As the end of a key; ascends with the moment.
    pub fn place(self) -> [u8; MOMENT_BYTES] {
        let mut bytes = [0; MOMENT_BYTES];
        bytes[..8].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[8..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    /// Reads the end of a key.
    pub fn of_key(key: &[u8]) -> Option<Moment> {
        let (sequence, number) = key.last_chunk::<MOMENT_BYTES>()?.split_at(8);
        Some(Moment {
            sequence: i64::from_be_bytes(sequence.try_into().ok()?),
            number: u16::from_be_bytes(number.try_into().ok()?),
        })
    }
}

/// Length of a [`place`].
pub const PLACE_BYTES: usize = 20;

/// Where a row stands in a list: newest decision first, then the higher audit sequence, then the audit
/// partition. All of it is recorded, so every process gives the same order.
pub fn place(of: &Recorded) -> [u8; PLACE_BYTES] {
    let mut bytes = [0; PLACE_BYTES];
    bytes[..8].copy_from_slice(&inverted(of.at_ms));
    bytes[8..16].copy_from_slice(&inverted(of.sequence));
    bytes[16..].copy_from_slice(&of.partition.to_be_bytes());
    bytes
}

/// Length of a [`rank`].
pub const RANK_BYTES: usize = 8;

/// Where a row stands in a list that is sorted by a number: the highest first, one without a number last.
pub fn rank(number: Option<f64>) -> [u8; RANK_BYTES] {
    let Some(number) = number.filter(|number| number.is_finite()) else {
        return [u8::MAX; RANK_BYTES];
    };
    let bits = number.to_bits();
    let ascending = if number.is_sign_negative() { !bits } else { bits | 1 << 63 };
    (!ascending).to_be_bytes()
}

/// The time in a [`place`] that stands behind so many bytes; the earliest when there is none.
pub fn recorded_at(place: &[u8], behind: usize) -> i64 {
    let bytes = place.get(behind..).and_then(|place| place.first_chunk::<8>());
    bytes.map_or(i64::MIN, |bytes| (!u64::from_be_bytes(*bytes) ^ (1 << 63)) as i64)
}

/// Ascends when the number descends, also below zero.
fn inverted(number: i64) -> [u8; 8] {
    (!(number as u64 ^ (1 << 63))).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_comes_first() {
        let at = |at_ms, sequence| place(&Recorded { partition: 0, sequence, at_ms });
        assert!(at(5, 0) < at(4, 9));
        assert!(at(5, 1) < at(5, 0));
        assert!(at(0, 0) < at(-1, 0));
        for at_ms in [i64::MIN, -1, 0, 5, i64::MAX] {
            assert_eq!(recorded_at(&at(at_ms, 3), 0), at_ms);
        }
    }

    #[test]
    fn higher_comes_first_and_what_has_no_number_last() {
        let numbers =
            [Some(f64::MAX), Some(0.7), Some(0.5), Some(0.0), Some(-0.1), Some(-3.0), None];
        let ranks: Vec<_> = numbers.iter().map(|number| rank(*number)).collect();
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{ranks:?}");
        assert_eq!(rank(Some(f64::NAN)), rank(None));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert!(key(&["a", "b"]).starts_with(&key(&["a"])));
        assert!(!key(&["ab"]).starts_with(&key(&["a"])));
    }
}
