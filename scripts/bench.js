import '../dist/bench.js';
