import '../dist/soak.js';
