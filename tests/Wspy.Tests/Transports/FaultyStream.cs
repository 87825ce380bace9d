using System.Net.Sockets;

namespace Wspy.Tests.Transports;

/// <summary>What happens at the operation that fails.</summary>
public enum Fault
{
    /// <summary>An I/O error that says nothing.</summary>
    Error,

    /// <summary>A reset by the peer.</summary>
    Reset,

    /// <summary>Something that no stream should throw.</summary>
    Foreign,

    /// <summary>The end of the stream; a write is lost without a word, as with a peer that is gone.</summary>
    End,
}

/// <summary>A stream whose read or write number n fails, and every one after it.</summary>
internal sealed class FaultyStream(Stream inner, int failing, Fault fault) : StreamWrapper(inner)
{
    private int _operations;

    public bool HasFailed => Volatile.Read(ref _operations) > failing;

    public override int Read(Span<byte> buffer) => Fails() ? 0 : Inner.Read(buffer);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Fails() ? 0 : await Inner.ReadAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!Fails())
        {
            Inner.Write(buffer);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!Fails())
        {
            await Inner.WriteAsync(buffer, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (fault == Fault.Foreign && HasFailed)
        {
            throw new FormatException("Disposing fails as well.");
        }
    }

    private bool Fails()
    {
        if (Interlocked.Increment(ref _operations) <= failing)
        {
            return false;
        }

        // The peer sees the end as well, as it would of a broken connection.
        Inner.Dispose();
        return fault switch
        {
            Fault.Error => throw new IOException("The operation failed, as the test wants it."),
            Fault.Reset => throw new IOException("Reset, as the test wants it.", new SocketException((int)SocketError.ConnectionReset)),
            Fault.Foreign => throw new FormatException("No stream should throw this."),
            _ => true,
        };
    }
}
