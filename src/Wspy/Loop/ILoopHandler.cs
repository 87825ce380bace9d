namespace Wspy.Loop;

/// <summary>Whom a connection on a loop tells what happens; called on the loop's thread, one call at a time, <see cref="Closed"/> last.</summary>
internal interface ILoopHandler
{
    void Opened();

    void Received(MessageView message);

    void Pinged(ReadOnlySpan<byte> payload);

    void Ponged(ReadOnlySpan<byte> payload);

    /// <summary>A control frame with a reserved opcode, which an extension claims.</summary>
    void Controlled(Opcode opcode, ReadOnlySpan<byte> payload);

    /// <summary>The system has taken all of a message.</summary>
    void Sent(Message message);

    /// <summary>Whether <see cref="Sent"/> is worth calling.</summary>
    bool WantsSent { get; }

    /// <summary>The peer broke a rule, or the application's code threw; the connection is closing. Throws nothing.</summary>
    void Failed(Exception error);

    /// <summary>Throws nothing.</summary>
    void Closed(CloseInfo info);
}
