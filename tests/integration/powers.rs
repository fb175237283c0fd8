//! `src/pow.c` against the C library's logarithm and exponential, and the cases that ISO C 11 F.10.4.4 names.

use std::hint::black_box;

use proptest::prelude::*;

const MOST: f64 = f64::INFINITY;

fn power(x: f64, y: f64) -> f64 {
    black_box(x).powf(black_box(y))
}

proptest! {
    #[test]
    fn a_power_is_an_exponential(x in 1e-9f64..1e9, y in -30f64..30.0) {
        let exponent = y * x.ln();
        let error = power(x, y) / exponent.exp() - 1.0;
        prop_assert!(error.abs() < 1e-13 * (1.0 + exponent.abs()), "{x} {y} {error}");
    }

    #[test]
    fn small_whole_powers_are_exact(x in -50i32..=50, y in 0u32..=9) {
        prop_assert_eq!(power(f64::from(x), f64::from(y)), (i64::from(x).pow(y)) as f64);
    }
}

#[test]
fn the_standards_cases() {
    for (x, y, want) in [
        (0.0, -1.0, MOST),
        (-0.0, -1.0, -MOST),
        (-0.0, -2.0, MOST),
        (-0.0, 3.0, -0.0),
        (0.0, 2.5, 0.0),
        (-1.0, MOST, 1.0),
        (1.0, f64::NAN, 1.0),
        (f64::NAN, 0.0, 1.0),
        (0.5, -MOST, MOST),
        (2.0, -MOST, 0.0),
        (0.5, MOST, 0.0),
        (2.0, MOST, MOST),
        (-MOST, -3.0, -0.0),
        (-MOST, -2.0, 0.0),
        (-MOST, 3.0, -MOST),
        (MOST, -0.5, 0.0),
        (MOST, 0.5, MOST),
        (2.0, 1024.0, MOST),
        (2.0, -1074.0, 5e-324),
        (2.0, -1080.0, 0.0),
        (-2.0, 1023.0, -8.98846567431158e307),
    ] {
        let is = power(x, y);
        let near = is == want || (is / want - 1.0).abs() < 1e-13;
        assert!(
            near && is.is_sign_negative() == want.is_sign_negative(),
            "{x} {y} {is}"
        );
    }
    for (x, y) in [(-2.0, 0.5), (f64::NAN, 1.0), (2.0, f64::NAN)] {
        assert!(power(x, y).is_nan(), "{x} {y}");
    }
}
