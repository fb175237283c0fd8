//! The committed corpora of the fuzz targets, through what the targets do with them.

use super::{fuzz, support::repository};

type Target = fn(&[u8]);

#[test]
fn every_seed_of_the_fuzz_targets() {
    let targets: [(&str, Target); 4] = [
        ("relp", fuzz::relp),
        ("forward", fuzz::forward),
        ("lumberjack", fuzz::lumberjack),
        ("gelf", fuzz::gelf),
    ];
    let corpus = repository().join("tests/fuzz/corpus");
    assert_eq!(std::fs::read_dir(&corpus).unwrap().count(), targets.len());
    for (name, target) in targets {
        let mut seeds = 0;
        for seed in std::fs::read_dir(corpus.join(name)).unwrap() {
            let data = std::fs::read(seed.unwrap().path()).unwrap();
            // At any cut, and cut short.
            for cut in [0, 1, 77, 128, 200, 255] {
                let mut data = data.clone();
                data[0] = if name == "gelf" { data[0] } else { cut };
                target(&data);
                data.truncate(data.len() * usize::from(cut) / 255);
                target(&data);
            }
            seeds += 1;
        }
        assert!(seeds >= 6, "{name} has {seeds}");
    }
}
