//! The speed of the REST interface. Everything runs in this process, on loopback: only ratios mean
//! anything.
//!
//! ```text
//! cargo bench -p iotdm-tests --bench rest                 # all of it, about two minutes
//! cargo bench -p iotdm-tests --bench rest -- beside-bare  # beside a bare axum handler, plain and TLS
//! cargo bench -p iotdm-tests --bench rest -- curve        # with 100 to 100,000 devices
//! cargo bench -p iotdm-tests --bench rest -- memory       # over a million calls
//! ```

mod bare;
mod beside_bare;
mod growth;
mod load;
mod scene;

use clap::{Parser, ValueEnum};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// Which part; without one, all of them
    part: Option<Part>,
    /// How much of the usual number of calls and devices
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Beside bare: only the calls whose names contain this
    #[arg(long, default_value = "")]
    only: String,
    /// What cargo bench passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    BesideBare,
    Curve,
    Memory,
}

fn main() {
    let arguments = Arguments::parse();
    iotdm_tests::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let wanted = |part| arguments.part.is_none_or(|wanted| wanted == part);
    runtime.expect("a runtime").block_on(async {
        if wanted(Part::BesideBare) {
            beside_bare::run(arguments.scale, &arguments.only).await;
        }
        if wanted(Part::Curve) {
            growth::curve(arguments.scale).await;
        }
        if wanted(Part::Memory) {
            growth::memory(arguments.scale).await;
        }
    });
}
