import '../dist/demo.js';
