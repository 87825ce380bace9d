namespace Wspy;

// One message to many clients.
public abstract partial class WebSocketServer
{
    /// <summary>
    /// Sends a message to many clients, and waits for none of them: it is dropped for those that are too far behind
    /// (<see cref="WebSocketOptions.HighWaterMark"/>), unless <see cref="WebSocketOptions.Backpressure"/> says to drop the oldest, which only
    /// event loops can, or to close.
    /// </summary>
    /// <param name="clients">To whom, such as <see cref="Clients"/>.</param>
    /// <param name="message">The message, framed once, and compressed once for all who compress alike and keep no context.</param>
    /// <returns>What became of it.</returns>
    public BroadcastTally Broadcast(IEnumerable<Client> clients, PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(clients);
        ArgumentNullException.ThrowIfNull(message);
        BroadcastTally tally = default;
        foreach (Client client in clients)
        {
            tally = tally.Plus(client.TrySend(message));
        }

        return Told(message, tally);
    }

    /// <inheritdoc cref="Broadcast(IEnumerable{Client}, PreparedMessage)"/>
    public BroadcastTally Broadcast(ReadOnlySpan<Client> clients, PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        BroadcastTally tally = default;
        foreach (Client client in clients)
        {
            tally = tally.Plus(client.TrySend(message));
        }

        return Told(message, tally);
    }

    /// <inheritdoc cref="Broadcast(IEnumerable{Client}, PreparedMessage)"/>
    public BroadcastTally Broadcast(IEnumerable<Client> clients, Message message) => Broadcast(clients, new PreparedMessage(message));

    /// <inheritdoc cref="Broadcast(IEnumerable{Client}, PreparedMessage)"/>
    /// <param name="clients">To whom, such as <see cref="Clients"/>.</param>
    /// <param name="text">The message, framed once, and compressed once for all who compress alike and keep no context.</param>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public BroadcastTally Broadcast(IEnumerable<Client> clients, string text) => Broadcast(clients, new PreparedMessage(text));

    private BroadcastTally Told(PreparedMessage message, BroadcastTally tally)
    {
        LogBroadcast(message.Message.Opcode, message.Message.Payload.Length, tally);
        return tally;
    }
}
