namespace Wspy;

// The handlers to override, and what guards their order: OnOpen first, OnClose last, each once.
public partial class Connection
{
    private int _opened;

    // Whether OnError has been told of what the engine failed the connection for.
    private bool _reportedFailure;

    // The thread on which a handler runs right now; a close from within it must not wait for itself.
    private int _handlerThread;

    /// <summary>Called once, before anything is received.</summary>
    protected virtual void OnOpen()
    {
    }

    /// <summary>Called by <see cref="ReceiveForever"/> for each message, where it lies in the receive buffer. Calls the other overload with a copy unless overridden.</summary>
    /// <param name="message">The message, gone when this returns.</param>
    protected virtual void OnMessage(MessageView message) => OnMessage(message.ToMessage());

    /// <summary>Called by <see cref="ReceiveForever"/> for each message, with a copy to keep.</summary>
    protected virtual void OnMessage(Message message)
    {
    }

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

    /// <summary>Called when the peer breaks a rule or a limit, and when a handler or an extension throws (<see cref="ExtensionException"/>); the connection is closing then. <see cref="OnClose"/> follows.</summary>
    protected virtual void OnError(Exception error)
    {
    }

    /// <summary>Called exactly once after <see cref="OnOpen"/>, however the connection ended.</summary>
    protected virtual void OnClose(CloseInfo info)
    {
    }

    /// <summary>Whether a handler has not returned; from any thread, a moment's truth.</summary>
    internal bool IsHandling => Volatile.Read(ref _handlerThread) != 0;

    private bool IsInHandler => _handlerThread == Environment.CurrentManagedThreadId;

    private void ReportOpen()
    {
        if (Interlocked.Exchange(ref _opened, 1) == 0)
        {
            _driver.WatchSilence();
            _handlerThread = Environment.CurrentManagedThreadId;
            try
            {
                OnOpen();
            }
            finally
            {
                _handlerThread = 0;
            }
        }
    }

    private void ReportError(Exception error)
    {
        _handlerThread = Environment.CurrentManagedThreadId;
        try
        {
            OnError(error);
        }
        finally
        {
            _handlerThread = 0;
        }
    }

    // Called once by the driver, when the connection has ended and nobody receives. What never opened does not close.
    private void ReportClose()
    {
        if (_opened == 0)
        {
            return;
        }

        try
        {
            // The receiver does not see what an extension threw while something was sent.
            if (!_reportedFailure && _driver.ExtensionFailure is { } failure)
            {
                ReportError(failure);
            }
        }
        finally
        {
            _handlerThread = Environment.CurrentManagedThreadId;
            try
            {
                OnClose(Closed.Result);
            }
            finally
            {
                _handlerThread = 0;
            }
        }
    }
}
