import { defineConfig } from 'vite';

/** external_api.js, for pages of others: one file without modules. It stands beside the client's files after their build. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    sourcemap: false,
    lib: {
      entry: 'src/external/index.ts',
      formats: ['iife'],
      name: 'jitsiMeshExternal',
      fileName: () => 'libs/external_api.min.js',
    },
  },
});
