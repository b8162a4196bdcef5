import '../dist/simulate.js';
