//! How the files of a RocksDB store are laid out, the same for every store.
//!
//! What is read to find a row (indexes and filters) is counted in the cache, so that its size is the limit of memory
//! whatever the state grows to; and it is cut into small parts, because a whole filter of a large file would be read,
//! checked and thrown away again for every row that is looked up.

use rocksdb::{BlockBasedIndexType, BlockBasedOptions, Cache};

/// Bits of a Bloom filter for each key: one look-up of a hundred that finds nothing reads a block all the same.
const FILTER_BITS_PER_KEY: f64 = 10.0;
/// Of the parts of indexes and filters.
const PART_BYTES: usize = 4096;
/// Written since RocksDB 6.6: indexes without what their keys have in common.
const FORMAT_VERSION: i32 = 5;

/// The layout of files whose blocks share `cache`.
pub fn blocks(cache: &Cache) -> BlockBasedOptions {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    blocks.set_format_version(FORMAT_VERSION);
    blocks.set_bloom_filter(FILTER_BITS_PER_KEY, false);
    blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    blocks.set_partition_filters(true);
    blocks.set_metadata_block_size(PART_BYTES);
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_top_level_index_and_filter(true);
    blocks
}
