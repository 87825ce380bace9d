namespace Wspy.Compression;

/// <summary>Inflates with the base library's stream, whose window of 15 bits holds every smaller one.</summary>
internal sealed class StreamInflater : Inflater
{
    private DeflateStreamBridge? _bridge;
    private bool _corrupt;
    private bool _disposed;

    public override InflateStatus Inflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _bridge ??= new DeflateStreamBridge();
        written = 0;
        while (!_corrupt)
        {
            if (written == output.Length)
            {
                return InflateStatus.NeedsOutput;
            }

            int count;
            try
            {
                count = _bridge.Read(output[written..]);
            }
            catch (InvalidDataException)
            {
                _corrupt = true;
                break;
            }

            written += count;
            if (count > 0)
            {
                continue;
            }

            if (!_bridge.Starved)
            {
                // Nothing more, and no byte was asked for: the final block has ended.
                Reset();
                return InflateStatus.EndOfStream;
            }

            if (input.IsEmpty)
            {
                return InflateStatus.NeedsInput;
            }

            _bridge.Feed(input[0]);
            input = input[1..];
        }

        return InflateStatus.Corrupt;
    }

    public override bool TakeFlushMark()
    {
        Span<byte> nowhere = stackalloc byte[1];
        ReadOnlySpan<byte> mark = [0x00, 0x00, 0xFF, 0xFF];
        return Inflate(ref mark, nowhere, out _) == InflateStatus.NeedsInput;
    }

    public override void Reset()
    {
        _bridge?.Dispose();
        _bridge = null;
        _corrupt = false;
    }

    public override void Dispose()
    {
        Reset();
        _disposed = true;
    }
}
