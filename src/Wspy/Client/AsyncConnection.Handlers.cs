using Wspy.Loop;

namespace Wspy;

// The handlers to override: on the loop's thread, one at a time, OnOpen first and OnClose last, each once.
public partial class AsyncConnection : ILoopHandler
{
    // Whether OnSent was overridden, as far as it was called.
    private bool _wantsSent = true;

    bool ILoopHandler.WantsSent => _wantsSent;

    /// <summary>Called once, before anything is received. Calls <see cref="OnOpenAsync"/> unless overridden.</summary>
    protected virtual void OnOpen() => Connected.Await(OnOpenAsync());

    /// <summary>Called once, before anything is received, unless <see cref="OnOpen"/> is overridden. Nothing is read until the task completes.</summary>
    protected virtual ValueTask OnOpenAsync() => default;

    /// <summary>Called for each message, where it lies in the receive buffer. Calls the other overload with a copy unless overridden.</summary>
    /// <param name="message">The message, gone when this returns.</param>
    protected virtual void OnMessage(MessageView message) => OnMessage(message.ToMessage());

    /// <summary>Called for each message, with a copy to keep. Calls <see cref="OnMessageAsync"/> unless overridden.</summary>
    protected virtual void OnMessage(Message message) => Connected.Await(OnMessageAsync(message));

    /// <summary>Called for each message, with a copy to keep, unless another overload is overridden. Nothing more is read from this connection until the task completes.</summary>
    protected virtual ValueTask OnMessageAsync(Message message) => default;

    /// <summary>Called for each ping; the pong is sent by itself.</summary>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnPing(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each pong, asked for or not.</summary>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnPong(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each control frame with a reserved opcode, which an extension that was agreed on claims (<see cref="Extensions.Extension.Opcodes"/>).</summary>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>
    /// Called when the system has taken all of a message. For messages that were sent as something else than a <see cref="Message"/>, one
    /// is made when this is overridden.
    /// </summary>
    protected virtual void OnSent(Message message) => _wantsSent = false;

    /// <summary>Called when the peer breaks a rule or a limit, and when a handler or an extension (<see cref="ExtensionException"/>) throws (the connection is then closed with 1011). <see cref="OnClose"/> follows.</summary>
    protected virtual void OnError(Exception error)
    {
    }

    /// <summary>Called exactly once after <see cref="OnOpen"/>, however the connection ended.</summary>
    protected virtual void OnClose(CloseInfo info)
    {
    }

    void ILoopHandler.Opened()
    {
        try
        {
            OnOpen();
        }
        finally
        {
            // Open it was, even if its handler failed: OnClose will follow.
            _connecting!.SetResult(true);
            _connecting = null;
        }
    }

    void ILoopHandler.Received(MessageView message) => OnMessage(message);

    void ILoopHandler.Pinged(ReadOnlySpan<byte> payload) => OnPing(payload);

    void ILoopHandler.Ponged(ReadOnlySpan<byte> payload) => OnPong(payload);

    void ILoopHandler.Controlled(Opcode opcode, ReadOnlySpan<byte> payload) => OnControl(opcode, payload);

    void ILoopHandler.Sent(Message message) => OnSent(message);

    void ILoopHandler.Failed(Exception error)
    {
        if (error is ExtensionException failure)
        {
            _loop!.ExtensionFailed(this, failure);
        }
        else if (error is not WspyException)
        {
            _loop!.HandlerFailed(this, error);
        }

        try
        {
            OnError(error);
        }
        catch (Exception exception)
        {
            // Whatever it threw: the connection is ending already, and nobody is left to tell but the log.
            _loop!.HandlerFailed(this, exception);
        }
    }

    void ILoopHandler.Closed(CloseInfo info)
    {
        try
        {
            OnClose(info);
        }
        catch (Exception exception)
        {
            // As above.
            _loop!.HandlerFailed(this, exception);
        }

        _loop!.Leave();
    }
}
