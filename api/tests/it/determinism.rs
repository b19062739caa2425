//! The same audit log gives the same rows, in any batches and after any restart.

use std::{sync::Arc, time::Duration};

use cns_api::views::{ViewFolder, fold, tables};
use cns_schemas::{AuditEntry, Codec, Fact, Sno, SnoDecided, SnoFate, Topic};
use cns_state::{Limit, Log, Memory, Overlay, Partition, Rows, Views};

use crate::world::{PARTITIONS, World, cut, fact, open_views, sent};

type Dump = Vec<(u16, u32, Vec<u8>, Vec<u8>)>;

fn dump(rows: &dyn Rows) -> Dump {
    let mut all = Vec::new();
    for table in tables::ALL {
        for partition in 0..PARTITIONS {
            for (key, value) in rows.scan(table, partition, &[], None, usize::MAX).unwrap() {
                all.push((table.number, partition, key, value));
            }
        }
    }
    all
}

fn history(world: &mut World) {
    for n in 0..60 {
        let corpus = ["a", "b", "c", "d", "e"][n % 5];
        let (job, document_id) = (format!("job-{n}"), format!("d{}", n % 17));
        world.write(cut(&job, &document_id, corpus));
        let sno = Sno {
            sno_id: format!("sno_{n}"),
            corpus: corpus.into(),
            document_ids: vec![document_id],
            document_version: 1,
            ..Sno::default()
        };
        let fate = [SnoFate::Admitted, SnoFate::Archived, SnoFate::Duplicate][n % 3];
        let supersedes = if n > 20 { vec![format!("sno_{}", n - 5)] } else { Vec::new() };
        let decision = SnoDecided {
            sno,
            fate,
            supersedes,
            trust: 0.1 * (n % 10) as f64,
            ..SnoDecided::default()
        };
        let outputs = vec![sent("decision", "", &decision)];
        world
            .write(Fact { outputs, ..fact("synthesize", &job, &format!("{job}-verdict"), corpus) });
    }
}

fn entries(world: &World, index: u32) -> Vec<AuditEntry> {
    let limit = Limit { records: 1000, bytes: 1 << 24 };
    let records =
        world.log.read(Partition { topic: Topic::Audit, index }, 0, limit, Duration::ZERO).unwrap();
    records.iter().map(|delivered| Codec::decode(&delivered.record.value).unwrap()).collect()
}

#[test]
fn any_order_of_partitions_and_any_batches_give_the_same_rows() {
    let mut world = World::new();
    history(&mut world);
    world.fold().unwrap();
    let expected = dump(&world.views);
    assert!(expected.len() > 300);
    for (round, batch) in [1, 2, 7, 1000].into_iter().enumerate() {
        let views = open_views(&world.dir, &format!("again-{round}"));
        let mut order: Vec<u32> = (0..PARTITIONS).collect();
        order.rotate_left(round % PARTITIONS as usize);
        for index in order {
            for entries in entries(&world, index).chunks(batch) {
                let overlay = Overlay::new(Arc::new(views.clone()));
                for entry in entries {
                    overlay.apply(fold(entry, index, &overlay).unwrap());
                }
                views.apply(&overlay.take(), &[]).unwrap();
            }
        }
        assert!(dump(&views) == expected, "batches of {batch}");
    }
}

#[test]
fn a_rebuilt_store_equals_the_one_that_followed() {
    let mut world = World::new();
    history(&mut world);
    world.fold().unwrap();
    let rebuilt: Views = open_views(&world.dir, "rebuilt");
    let (mut folder, progress) = ViewFolder::new(world.log.clone(), rebuilt.clone()).unwrap();
    assert!(!progress.borrow().caught_up);
    while folder.step(Duration::ZERO).unwrap() > 0 {}
    assert!(progress.borrow().caught_up);
    assert!(dump(&rebuilt) == dump(&world.views));
    assert_eq!(rebuilt.positions().unwrap(), world.views.positions().unwrap());
}

#[test]
fn a_folder_that_starts_again_goes_on_where_it_stood() {
    let mut world = World::new();
    history(&mut world);
    world.fold().unwrap();
    let before = dump(&world.views);
    let (mut folder, progress) = ViewFolder::new(world.log.clone(), world.views.clone()).unwrap();
    assert!(progress.borrow().caught_up);
    assert_eq!(folder.step(Duration::ZERO).unwrap(), 0);
    assert!(dump(&world.views) == before);
}

#[test]
fn an_idle_step_waits_and_wakes() {
    let log: Arc<dyn Log> = Arc::new(Memory::new(PARTITIONS));
    let mut world = World::over(log, || None);
    let started = std::time::Instant::now();
    assert_eq!(world.folder.step(Duration::from_millis(60)).unwrap(), 0);
    assert!(started.elapsed() >= Duration::from_millis(60));
    world.write(cut("job-1", "d1", "a"));
    assert_eq!(world.folder.step(Duration::from_secs(60)).unwrap(), 1);
}
