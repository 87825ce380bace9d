using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// The ping that nobody asked for, sent by a timer's thread.
internal sealed partial class ProtocolDriver
{
    /// <summary>
    /// Sends a ping without holding up the calling thread. Where the transport can tell whether it has room, that is a blocking send: an asynchronous one would
    /// make the platform emulate blocking from then on, at the cost of 184 bytes for each receive that waits.
    /// </summary>
    /// <returns>False when the peer takes nothing; null when another send is under way, which has a time of its own.</returns>
    public bool? TryPing()
    {
        if (_transport.HasRoom is null)
        {
            _ = PingAsync();
            return true;
        }

        if (!_turn.Wait(0))
        {
            return null;
        }

        try
        {
            // Asked again, since who had the turn may have filled it; what is corked may be more than there is room for, and is about to be sent.
            if (_corked || _transport.HasRoom == false)
            {
                return _corked ? null : false;
            }

            Begin(Opcode.Ping, default, fin: true, ReservedBits.None, out _);
            SendOutput();
        }
        catch (ConnectionClosedException)
        {
            // The connection is ending, and needs no ping.
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            // The receiver, which there is, sees the end.
            SendFailed(exception);
        }
        finally
        {
            EndTurn();
        }

        // What became due meanwhile; its failures are the receiver's to see.
        _ = FlushPendingAsync().AsTask();
        return true;
    }

    private async Task PingAsync()
    {
        try
        {
            await SendAsync(Opcode.Ping, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WspyException or TimeoutException)
        {
            // The connection is ending, or another send waits for the peer and has a time of its own.
        }
    }
}
