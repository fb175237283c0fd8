//! Medians of the rounds, as one Markdown table.

use crate::trial::Outcome;

/// The name of the row that ratios are of.
pub const YARDSTICK: &str = "tokio copy proxy";

/// One row's rounds.
pub struct Row {
    pub name: &'static str,
    pub rounds: Vec<Outcome>,
}

impl Row {
    fn median(&self, what: impl Fn(&Outcome) -> f64) -> f64 {
        let mut all: Vec<f64> = self.rounds.iter().map(what).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Prints it.
pub fn print(rows: &[Row]) {
    println!(
        "| | MB/s | × copy | CPU s/GB | start / first line ms | idle / peak MB | p50 / p99 µs | × copy | stall: lost, resets, peak MB | restart: lost, twice, resets |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let yardstick = rows.iter().find(|row| row.name == YARDSTICK);
    for row in rows {
        let rate = row.median(|o| o.mb_per_sec);
        let (p50, p99) = (row.median(|o| o.p50_micros), row.median(|o| o.p99_micros));
        let of = |what: fn(&Outcome) -> f64, own: f64| {
            yardstick.map_or_else(
                || "–".to_owned(),
                |copy| format!("{:.2}", own / copy.median(what)),
            )
        };
        let sum = |what: fn(&Outcome) -> u64| row.rounds.iter().map(what).max().unwrap_or(0);
        println!(
            "| {}{} | {rate:.0} | {} | {} | {} / {} | {} / {} | {p50:.0} / {p99:.0} | {} / {} | {}, {}, {} | {}, {}, {} |",
            row.name,
            if row.rounds.iter().all(|o| o.whole) {
                ""
            } else {
                " (lines missing)"
            },
            of(|o| o.mb_per_sec, rate),
            number(row.median(|o| o.cpu_secs_per_gb), 2),
            number(row.median(|o| o.start_millis), 0),
            number(row.median(|o| o.first_millis), 1),
            number(row.median(|o| o.idle_mb), 1),
            number(row.median(|o| o.peak_mb), 1),
            of(|o| o.p50_micros, p50),
            of(|o| o.p99_micros, p99),
            sum(|o| o.stall.0.lost),
            sum(|o| o.stall.1.resets),
            number(row.median(|o| o.stall_peak_mb), 1),
            sum(|o| o.restart.0.lost),
            sum(|o| o.restart.0.twice),
            sum(|o| o.restart.1.resets),
        );
    }
}

fn number(n: f64, places: usize) -> String {
    if n.is_nan() {
        "–".to_owned()
    } else {
        format!("{n:.places$}")
    }
}
