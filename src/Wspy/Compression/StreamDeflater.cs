namespace Wspy.Compression;

/// <summary>Compresses with the base library's stream, which has one window size, and no full flush: a new stream is the same to the reader.</summary>
internal sealed class StreamDeflater(DeflateSettings settings) : Deflater
{
    // What one write may leave in memory until it is fetched is about as much.
    private const int LargestWrite = 16 * 1024;

    private DeflateStreamBridge? _bridge;
    private bool _begun;
    private bool _flushed;
    private bool _disposed;

    public override bool Deflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, DeflateFlush flush)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _bridge ??= new DeflateStreamBridge(settings);
        written = 0;
        while (true)
        {
            written += _bridge.Fetch(output[written..]);
            if (_bridge.HasOutput)
            {
                return false;
            }

            if (!input.IsEmpty)
            {
                int count = Math.Min(input.Length, LargestWrite);
                _bridge.Write(input[..count]);
                input = input[count..];
                _begun = true;
                _flushed = false;
            }
            else if (flush == DeflateFlush.None || _flushed)
            {
                End(flush);
                return true;
            }
            else
            {
                Flush(_bridge, flush);
                _flushed = true;
            }
        }
    }

    public override void Reset()
    {
        _bridge?.Dispose();
        _bridge = null;
        _begun = false;
        _flushed = false;
    }

    public override void Dispose()
    {
        Reset();
        _disposed = true;
    }

    private void Flush(DeflateStreamBridge bridge, DeflateFlush flush)
    {
        if (flush != DeflateFlush.Finish)
        {
            bridge.Flush();
            return;
        }

        if (_begun)
        {
            bridge.Finish();
        }
        else
        {
            bridge.WriteEmptyEnd();
        }
    }

    private void End(DeflateFlush flush)
    {
        if (flush is DeflateFlush.Full or DeflateFlush.Finish)
        {
            Reset();
        }

        _flushed = false;
    }
}
