//! The chain finds any change and says where it is.

use cns_narrative::chain::{genesis, link, verify};
use cns_schemas::{AuditEntry, ChainHead};

fn chain(facts: &[&[u8]]) -> (Vec<AuditEntry>, ChainHead) {
    let mut head = genesis();
    let mut entries = Vec::new();
    for fact in facts {
        let (entry, next) = link(&head, fact);
        entries.push(entry);
        head = next;
    }
    (entries, head)
}

#[test]
fn intact_chain_gives_its_head() {
    let (entries, head) = chain(&[b"one", b"", b"three"]);
    assert_eq!(verify(entries.iter(), &genesis()), Ok(head.clone()));
    assert_eq!(verify(entries.iter(), &ChainHead::default()), Ok(head.clone()));
    let (_, middle) = chain(&[b"one"]);
    assert_eq!(verify(entries[1..].iter(), &middle), Ok(head));
    assert_eq!(entries[0].previous_hash, "0".repeat(64));
}

#[test]
fn hash_is_over_sequence_previous_and_fact() {
    use sha2::{Digest, Sha256};
    let (entry, _) = link(&genesis(), b"fact");
    let mut bytes = vec![0u8; 8];
    bytes.extend([b'0'; 64]);
    bytes.extend(b"fact");
    let wanted: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(entry.hash, wanted);
}

#[test]
fn one_flipped_bit_is_located() {
    let (entries, _) = chain(&[b"alpha", b"beta", b"gamma", b"delta"]);
    for index in 0..entries.len() {
        for byte in 0..entries[index].fact.len() {
            for bit in 0..8 {
                let mut bad = entries.clone();
                bad[index].fact[byte] ^= 1 << bit;
                let broken = verify(bad.iter(), &genesis()).unwrap_err();
                assert_eq!(broken.sequence, index as i64);
            }
        }
    }
}

#[test]
fn removed_added_moved_and_rehashed_entries_are_located() {
    let (entries, _) = chain(&[b"a", b"b", b"c", b"d"]);
    let mut removed = entries.clone();
    removed.remove(1);
    assert_eq!(verify(removed.iter(), &genesis()).unwrap_err().sequence, 1);

    let mut doubled = entries.clone();
    doubled.insert(2, entries[1].clone());
    assert_eq!(verify(doubled.iter(), &genesis()).unwrap_err().sequence, 2);

    let mut swapped = entries.clone();
    swapped.swap(1, 2);
    assert_eq!(verify(swapped.iter(), &genesis()).unwrap_err().sequence, 1);

    // Someone who rewrites an entry and its own hash is caught at the next one.
    let mut forged = entries.clone();
    let (_, head) = chain(&[b"a"]);
    forged[1] = link(&head, b"forged").0;
    let broken = verify(forged.iter(), &genesis()).unwrap_err();
    assert_eq!(broken.sequence, 2);
    assert!(broken.to_string().contains("entry 2"));
}
