//! Where Vectorscan is: the system's, or the directory in `VECTORSCAN_LIB_DIR`.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=VECTORSCAN_LIB_DIR");
    if std::env::var_os("CARGO_FEATURE_VECTORSCAN").is_none() {
        return;
    }
    if let Some(dir) = std::env::var_os("VECTORSCAN_LIB_DIR").map(PathBuf::from) {
        println!("cargo::rustc-link-search=native={}", dir.display());
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", dir.display());
    }
    println!("cargo::rustc-link-lib=dylib=hs");
}
