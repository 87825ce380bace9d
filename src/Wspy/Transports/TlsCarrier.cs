namespace Wspy.Transports;

/// <summary>The stream below TLS: remembers how the peer began, and lets a blocking handshake do its arithmetic in turn with others.</summary>
/// <remarks>One reader and one writer at a time, as <see cref="System.Net.Security.SslStream"/> is.</remarks>
internal sealed class TlsCarrier(Stream inner) : Stream
{
    /// <summary>"HTTP/" is enough to tell a server that speaks no TLS.</summary>
    private const int Remembered = 5;

    private readonly byte[] _beginning = new byte[Remembered];
    private int _remembered;
    private SemaphoreSlim? _turns;
    private bool _blocks;

    /// <summary>The first bytes that the peer sent, at most five.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning.AsSpan(0, _remembered);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override bool CanTimeout => inner.CanTimeout;

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => inner.WriteTimeout;
        set => inner.WriteTimeout = value;
    }

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Runs a handshake on the calling thread: asynchronous calls block as well, so that it is complete when they return.</summary>
    /// <param name="handshake">Blocks, or begins what completes at once for want of anything to wait for.</param>
    /// <param name="turns">Held while there is something to compute, and not while the peer is waited for; null for no limit.</param>
    public void Block(Action handshake, SemaphoreSlim? turns)
    {
        _turns = turns;
        _blocks = true;
        turns?.Wait();
        try
        {
            handshake();
        }
        finally
        {
            turns?.Release();
            _turns = null;
            _blocks = false;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        _turns?.Release();
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        finally
        {
            _turns?.Wait();
        }

        Remember(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_blocks)
        {
            return new ValueTask<int>(Read(buffer.Span));
        }

        ValueTask<int> read = inner.ReadAsync(buffer, cancellationToken);
        return _remembered == Remembered ? read : RememberAsync(read, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_blocks)
        {
            inner.Write(buffer.Span);
            return default;
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_blocks)
        {
            inner.Flush();
            return Task.CompletedTask;
        }

        return inner.FlushAsync(cancellationToken);
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> RememberAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        int count = await read.ConfigureAwait(false);
        Remember(buffer.Span[..count]);
        return count;
    }

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Remembered - _remembered);
        bytes[..count].CopyTo(_beginning.AsSpan(_remembered));
        _remembered += count;
    }
}
