namespace Wspy.Compression;

/// <summary>Compresses with the runtime's zlib.</summary>
internal sealed class ZlibDeflater : Deflater
{
    // zlib writes the mark of a flush again when a call begins with the mark half out and no room for the whole: seven bytes and
    // more make sure that it comes to an end (zlib.h on Z_SYNC_FLUSH). Smaller outputs are served from a buffer of this size.
    private const int LeastOutput = 32;

    private readonly Handle _handle;
    private byte[]? _kept;
    private int _keptStart;
    private int _keptEnd;
    private bool _keptIsLast;
    private bool _finished;

    public ZlibDeflater(DeflateSettings settings)
    {
        _handle = new Handle(settings);
        try
        {
            _handle.Begin();
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public override bool Deflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, DeflateFlush flush)
    {
        written = TakeKept(output);
        if (_keptStart < _keptEnd)
        {
            return false;
        }

        if (_keptIsLast)
        {
            _keptIsLast = false;
            if (input.IsEmpty)
            {
                return true;
            }
        }

        if (_finished)
        {
            Reset();
        }

        while (output.Length - written >= LeastOutput)
        {
            bool done = Run(ref input, output[written..], out int count, flush);
            written += count;
            if (done)
            {
                return true;
            }
        }

        _kept ??= new byte[LeastOutput];
        while (true)
        {
            bool done = Run(ref input, _kept, out _keptEnd, flush);
            _keptStart = 0;
            written += TakeKept(output[written..]);
            bool empty = _keptStart == _keptEnd;
            if (done || !empty)
            {
                _keptIsLast = done && !empty;
                return done && empty;
            }
        }
    }

    public override void Reset()
    {
        _keptStart = _keptEnd = 0;
        _keptIsLast = false;
        _finished = false;
        _handle.Begin();
    }

    public override void Dispose() => _handle.Dispose();

    private bool Run(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, DeflateFlush flush)
    {
        int result = _handle.Run(ref input, output, out written, (int)flush);
        if (result is not (ZlibNative.Ok or ZlibNative.StreamEnd or ZlibNative.NoProgress))
        {
            ZlibHandle.ThrowFailed(result);
        }

        _finished = result == ZlibNative.StreamEnd;
        return flush == DeflateFlush.Finish ? _finished : input.IsEmpty && written < output.Length;
    }

    private int TakeKept(Span<byte> output)
    {
        int count = Math.Min(output.Length, _keptEnd - _keptStart);
        if (count > 0)
        {
            _kept.AsSpan(_keptStart, count).CopyTo(output);
            _keptStart += count;
        }

        return count;
    }

    private sealed unsafe class Handle(DeflateSettings settings) : ZlibHandle
    {
        protected override int BeginStream()
        {
            // zlib makes no raw stream with a window of 8 bits. One of 9 bits whose only distance is 1, or that has none, fits as well.
            bool smallest = settings.WindowBits == CompressionSupport.SmallestWindowBits;
            int bits = smallest ? CompressionSupport.SmallestWindowBits + 1 : settings.WindowBits;
            DeflateStrategy strategy = smallest && settings.Strategy != DeflateStrategy.HuffmanOnly ? DeflateStrategy.RunLength : settings.Strategy;
            return ZlibNative.DeflateInit2(Stream, settings.Level, ZlibNative.Deflated, -bits, settings.MemoryLevel, (int)strategy);
        }

        protected override int RunStream(int flush) => ZlibNative.Deflate(Stream, flush);

        protected override int FreeStream() => ZlibNative.DeflateEnd(Stream);
    }
}
