//! The form of a changelog: rows by table and key, and a barrier at the end of each transaction.

use serde::{Deserialize, Serialize};

use crate::{Change, Table};

/// The last record of a transaction in a changelog: what the rows before it are the fold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    /// The next offset of the inbox.
    pub input: i64,
    /// Sum of the hashes of all rows.
    pub rows_hash: u128,
}

/// What a record of a changelog is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A row was written or removed.
    Row(Change),
    /// A transaction ends.
    Barrier(Barrier),
}

/// Table numbers are lower.
const BARRIER: u16 = u16::MAX;

/// The key of barriers: compaction keeps the last one.
pub fn barrier_key() -> [u8; 2] {
    BARRIER.to_be_bytes()
}

/// The value of a barrier.
pub fn barrier_value(barrier: &Barrier) -> Vec<u8> {
    postcard::to_stdvec(barrier).expect("a barrier is plain data")
}

/// The key of a row's record.
pub fn row_key(change: &Change) -> Vec<u8> {
    [&change.table.number.to_be_bytes(), change.key.as_slice()].concat()
}

/// Reads a record.
///
/// # Errors
/// What is wrong with it.
pub fn read(partition: u32, key: &[u8], value: Option<&[u8]>) -> Result<Entry, String> {
    let Some((table, key)) = key.split_first_chunk::<2>() else {
        return Err("its key has less than two bytes".into());
    };
    match u16::from_be_bytes(*table) {
        BARRIER => postcard::from_bytes(value.unwrap_or_default())
            .map(Entry::Barrier)
            .map_err(|error| format!("it is no barrier: {error}")),
        number => Ok(Entry::Row(Change {
            table: Table { number, name: "restored" },
            partition,
            key: key.to_vec(),
            value: value.map(<[u8]>::to_vec),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// What is written is read; what is not is refused and never a panic.
        #[test]
        fn rows_come_back(number in 0u16..u16::MAX, key: Vec<u8>, value: Option<Vec<u8>>) {
            let table = Table { number, name: "restored" };
            let change = Change { table, partition: 3, key, value };
            let read = read(3, &row_key(&change), change.value.as_deref());
            assert_eq!(read, Ok(Entry::Row(change)));
        }

        #[test]
        fn any_bytes_are_an_entry_or_a_refusal(key: Vec<u8>, value: Option<Vec<u8>>) {
            drop(read(0, &key, value.as_deref()));
        }
    }

    #[test]
    fn a_barrier_comes_back() {
        let barrier = Barrier { input: 7, rows_hash: u128::MAX };
        let entry = read(0, &barrier_key(), Some(&barrier_value(&barrier)));
        assert_eq!(entry, Ok(Entry::Barrier(barrier)));
    }
}
