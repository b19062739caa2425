//! The bytes under which things are stored. Big-endian, so that the order of bytes is the order of things.

use crate::Partition;

/// Column family of records: topic, partition, offset → record.
pub const RECORDS: &str = "records";
/// Column family of rows: table, partition, key → value.
pub const ROWS: &str = "rows";
/// Column family of group offsets and settings.
pub const META: &str = "meta";

/// Key of the setting that fixes the number of partitions.
pub const PARTITIONS: &[u8] = b"partitions";

/// What the keys of a partition's records begin with.
pub fn partition(of: Partition) -> [u8; 6] {
    let mut key = [0; 6];
    key[..2].copy_from_slice(&of.topic.number().to_be_bytes());
    key[2..].copy_from_slice(&of.index.to_be_bytes());
    key
}

/// The key of a record.
pub fn record(of: Partition, offset: i64) -> [u8; 14] {
    let mut key = [0; 14];
    key[..6].copy_from_slice(&partition(of));
    key[6..].copy_from_slice(&offset.to_be_bytes());
    key
}

/// The offset in a record's key; `None` when the key has another length.
pub fn offset(key: &[u8]) -> Option<i64> {
    key.get(6..14)?.try_into().ok().map(i64::from_be_bytes).filter(|_| key.len() == 14)
}

/// The key of a row.
pub fn row(table: u16, partition: u32, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(6 + key.len());
    bytes.extend(table.to_be_bytes());
    bytes.extend(partition.to_be_bytes());
    bytes.extend(key);
    bytes
}

/// The key of a group's offset in an inbox partition.
pub fn group(group: &str, of: Partition) -> Vec<u8> {
    [b"group/".as_slice(), group.as_bytes(), b"/", &partition(of)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cns_schemas::Topic;

    #[test]
    fn record_keys_are_in_the_order_of_offsets() {
        let of = Partition { topic: Topic::Facts, index: 3 };
        assert!(record(of, 255) < record(of, 256));
        assert_eq!(offset(&record(of, 7)), Some(7));
        assert_eq!(offset(b"short"), None);
        assert!(record(of, 0).starts_with(&partition(of)));
    }
}
