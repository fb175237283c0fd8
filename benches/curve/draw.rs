//! The charts, side by side, as SVG that a page shows on light and dark.

use std::fmt::Write as _;

use super::Curve;

const WIDTH: f64 = 230.0;
const HEIGHT: f64 = 150.0;
const TOP: f64 = 40.0;
const LEFT: f64 = 40.0;

/// One picture of all curves; the axis goes to whatever is dearest, or twice the first.
pub fn svg(curves: &[Curve]) -> String {
    let mut out = String::new();
    let width = curves.len() as f64 * (WIDTH + LEFT);
    let height = TOP + HEIGHT + 40.0;
    let _ = writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11" fill="#888">
<style>.line{{fill:none;stroke:#2a7fd4;stroke-width:2}}.dot{{fill:#2a7fd4}}.bar{{stroke:#d4502a;stroke-dasharray:4 3}}.axis{{stroke:#888}}</style>"##
    );
    for (n, curve) in curves.iter().enumerate() {
        let x = n as f64 * (WIDTH + LEFT) + LEFT;
        let _ = writeln!(out, r#"<g transform="translate({x} {TOP})">"#);
        chart(&mut out, curve);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn chart(out: &mut String, curve: &Curve) {
    let dearest = curve
        .points
        .iter()
        .map(|point| point.cost)
        .fold(2.0, f64::max);
    let y = |cost: f64| HEIGHT - cost / dearest * HEIGHT;
    let step = (WIDTH - 40.0) / (curve.points.len().max(2) - 1) as f64;
    let x = |n: usize| 15.0 + step * n as f64;
    let _ = writeln!(
        out,
        r#"<text x="0" y="-22" font-weight="bold">{}</text><text x="0" y="-8">time of a byte, × the first</text>
<path class="axis" d="M0 0V{HEIGHT}H{WIDTH}" fill="none"/>"#,
        curve.title
    );
    let mut path = String::new();
    for (n, point) in curve.points.iter().enumerate() {
        let (px, py) = (x(n), y(point.cost));
        let _ = write!(path, "{}{px:.1} {py:.1}", if n == 0 { "M" } else { "L" });
        let _ = writeln!(
            out,
            r#"<circle class="dot" cx="{px:.1}" cy="{py:.1}" r="3"/><text x="{px:.1}" y="{:.1}" text-anchor="middle">{:.2}</text><text x="{px:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            py - 7.0,
            point.cost,
            HEIGHT + 15.0,
            point.label
        );
    }
    let _ = writeln!(out, r#"<path class="line" d="{path}"/>"#);
    if let Some(bar) = curve.bar {
        let at = y(bar);
        let _ = writeln!(
            out,
            r#"<path class="bar" d="M0 {at:.1}H{WIDTH}"/><text x="{WIDTH}" y="{:.1}" text-anchor="end">bar {bar}</text>"#,
            at + 12.0
        );
    }
}
