//! What a contender costs: processor time and memory of a process and its children, from `/proc`.

use std::fs;

/// The process and everything below it.
pub fn tree(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?.first()?.parse().ok()?)))
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(
            parents
                .iter()
                .filter(|(_, up)| *up == pid)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    found
}

/// The fields of `/proc/PID/stat` from the parent's id on (field 4 of proc_pid_stat(5)).
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split_whitespace().skip(1).map(str::to_owned).collect())
}

/// Seconds of processor time, user and system, all threads.
pub fn cpu_secs(root: u32) -> f64 {
    // proc_pid_stat(5): utime is field 14, stime 15, in ticks of 1/100 s on every Linux of today.
    tree(root)
        .into_iter()
        .filter_map(stat)
        .flat_map(|fields| fields.into_iter().skip(10).take(2))
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// Memory now and at its highest, MB.
pub fn rss_mb(root: u32) -> (f64, f64) {
    let sum = |field: &str| {
        tree(root)
            .into_iter()
            .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/status")).ok())
            .filter_map(|status| {
                let line = status.lines().find(|line| line.starts_with(field))?;
                line.split_whitespace().nth(1)?.parse::<f64>().ok()
            })
            .sum::<f64>()
            / 1000.0
    };
    (sum("VmRSS:"), sum("VmHWM:"))
}
