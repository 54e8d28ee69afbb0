// Bytes that are being written: one growing buffer, little-endian.
export class Writer {
  constructor(size = 1024) {
    this.data = Buffer.allocUnsafe(size);
    this.length = 0;
  }

  // Room for n more; where they begin.
  need(n) {
    const at = this.length;
    if (at + n > this.data.length) {
      const grown = Buffer.allocUnsafe((at + n) * 2);
      this.data.copy(grown, 0, 0, at);
      this.data = grown;
    }
    this.length = at + n;
    return at;
  }

  u8(v) { const at = this.need(1); this.data[at] = v; return this; }
  u16(v) { const at = this.need(2); this.data.writeUInt16LE(v, at); return this; }
  u32(v) { const at = this.need(4); this.data.writeUInt32LE(v, at); return this; }
  i32(v) { const at = this.need(4); this.data.writeInt32LE(v, at); return this; }
  u64(v) {
    const at = this.need(8);
    this.data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(v)), at);
    return this;
  }
  f32(v) { const at = this.need(4); this.data.writeFloatLE(v, at); return this; }
  f64(v) { const at = this.need(8); this.data.writeDoubleLE(v, at); return this; }
  // A number of up to six bytes.
  uint(v, n) { const at = this.need(n); this.data.writeUIntLE(v, at, n); return this; }
  // A BigInt of n bytes.
  big(v, n) {
    const at = this.need(n);
    for (let i = 0; i < n; i++, v >>= 8n) this.data[at + i] = Number(v & 255n);
    return this;
  }
  bytes(b) {
    const at = this.need(b.length);
    this.data.set(b, at);
    return this;
  }
  ucs2(s) {
    const at = this.need(s.length * 2);
    this.data.write(s, at, "utf16le");
    return this;
  }
  // Text behind its length in characters: one byte, or two.
  text8(s) { return this.u8(s.length).ucs2(s); }
  text16(s) { return this.u16(s.length).ucs2(s); }

  // What is written, taken out: valid until the next write.
  take() {
    const taken = this.data.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}
