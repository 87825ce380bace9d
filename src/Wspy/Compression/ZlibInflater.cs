namespace Wspy.Compression;

/// <summary>Inflates with the runtime's zlib.</summary>
internal sealed class ZlibInflater : Inflater
{
    private readonly Handle _handle;

    public ZlibInflater(int windowBits)
    {
        _handle = new Handle(windowBits);
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

    public override InflateStatus Inflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written)
    {
        int result = _handle.Run(ref input, output, out written, ZlibNative.SyncFlush);
        switch (result)
        {
            case ZlibNative.Ok or ZlibNative.NoProgress:
                return written == output.Length ? InflateStatus.NeedsOutput : InflateStatus.NeedsInput;
            case ZlibNative.StreamEnd:
                _handle.Rewind();
                return InflateStatus.EndOfStream;
            case ZlibNative.DataError:
                return InflateStatus.Corrupt;
            default:
                ZlibHandle.ThrowFailed(result);
                return default;
        }
    }

    public override bool TakeFlushMark()
    {
        // zlib stops at the boundary between two blocks when it is asked to, and that must be right after the mark: a byte more stays.
        Span<byte> nowhere = stackalloc byte[1];
        ReadOnlySpan<byte> first = [0x00, 0x00, 0xFF];
        int result = _handle.Run(ref first, nowhere, out int written, ZlibNative.StopAtBlock);
        if (result != ZlibNative.Ok || !first.IsEmpty || written > 0)
        {
            return false;
        }

        ReadOnlySpan<byte> last = [0xFF, 0x00];
        result = _handle.Run(ref last, nowhere, out written, ZlibNative.StopAtBlock);
        return result == ZlibNative.Ok && last.Length == 1 && written == 0;
    }

    public override void Reset() => _handle.Rewind();

    public override void Dispose() => _handle.Dispose();

    private sealed unsafe class Handle(int windowBits) : ZlibHandle
    {
        public void Rewind()
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                int result = ZlibNative.InflateReset2(Stream, -windowBits);
                if (result != ZlibNative.Ok)
                {
                    ThrowFailed(result);
                }
            }
            finally
            {
                if (held)
                {
                    DangerousRelease();
                }
            }
        }

        protected override int BeginStream() => ZlibNative.InflateInit2(Stream, -windowBits);

        protected override int RunStream(int flush) => ZlibNative.Inflate(Stream, flush);

        protected override int FreeStream() => ZlibNative.InflateEnd(Stream);
    }
}
