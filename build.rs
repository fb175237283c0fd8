//! Relative relocations are packed (`DT_RELR`, glibc 2.36 and binutils 2.38 on; older linkers leave the option out): a
//! start reads some thirty kilobytes of them and not most of a megabyte, which would stay in the process's memory.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |of: &str| std::env::var(format!("CARGO_CFG_TARGET_{of}")).unwrap_or_default();
    if (&*target("OS"), &*target("ENV"), &*target("ARCH")) == ("linux", "gnu", "x86_64") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
