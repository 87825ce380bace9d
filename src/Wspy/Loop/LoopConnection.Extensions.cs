using Wspy.Buffers;

namespace Wspy.Loop;

// Sending through the extensions that were agreed on.
internal sealed partial class LoopConnection
{
    private bool _reportedFailure;

    // The peer broke a rule while an asynchronous handler had not completed.
    private bool _failureIsDue;
    private ExtensionException? _extensionFailure;

    // 0 while the extensions hold nothing for what is sent.
    private long _lastEncoded;

    /// <summary>Sends a control frame whose opcode an extension claims, from any thread.</summary>
    public SendResult SendReserved(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Connection.CheckControlOpcode(opcode, _engine);
        return SendControl(opcode, payload);
    }

    // What the engine failed the connection for: the peer's mistake, or what an extension of this end threw, which is always told as the same.
    private Exception ViolationException => (_extensionFailure ??= ExtensionException.From(_engine!)) ?? (Exception)ProtocolException.From(_engine!.Violation);

    private void WriteEncoded(ReadOnlySpan<byte> payload, Opcode opcode, bool fin)
    {
        if (TryEncode(ref payload, opcode, fin, out ReservedBits reserved))
        {
            WriteFrame(_engine!.BeginFrame(opcode, payload.Length, fin, reserved), payload);
            _engine.ForgetEncoded();
        }
    }

    // False when an extension threw: the connection is failing, and nothing more is sent.
    private bool TryEncode(ref ReadOnlySpan<byte> payload, Opcode opcode, bool fin, out ReservedBits reserved)
    {
        reserved = ReservedBits.None;
        if (!_hasExtensions)
        {
            return true;
        }

        if (_engine!.ExtensionFailure is not null)
        {
            return false;
        }

        try
        {
            NoteEncoding();
            if (_engine.TryEncode(opcode, payload, fin, ref reserved, out ReadOnlyMemory<byte> encoded))
            {
                payload = encoded.Span;
            }

            return true;
        }
        catch (Exception exception)
        {
            FailExtension(exception);
            return false;
        }
    }

    // Whatever it was: this connection fails with 1011, and no other.
    private void FailExtension(Exception exception)
    {
        _engine!.FailExtension(exception);
        _state = LoopState.Closing;
        Attend();
    }

    private void NoteEncoding()
    {
        bool first = _lastEncoded == 0;
        _lastEncoded = Math.Max(_loop.Now, 1);
        if (first)
        {
            Schedule();
        }
    }

    private long ReleaseDue => _lastEncoded == 0 ? long.MaxValue : Plus(_lastEncoded, _engine!.IdleTime);

    private void ReleaseIdle(long now)
    {
        if (now < ReleaseDue)
        {
            return;
        }

        _lastEncoded = 0;
        try
        {
            _engine!.ReleaseIdle();
        }
        catch (Exception exception)
        {
            FailExtension(exception);
        }
    }

    // Told when no other handler runs.
    private void ReportFailure()
    {
        if (_reportedFailure || IsHandling)
        {
            return;
        }

        if (_hasExtensions && _engine!.ExtensionFailure is not null)
        {
            _cause ??= ViolationException;
        }
        else if (!_failureIsDue)
        {
            return;
        }

        _reportedFailure = true;
        _handler!.Failed(ViolationException);
    }

    private static byte[] Grow(byte[] array, int count, int more)
    {
        byte[] larger = BufferPool.Rent(count + more);
        array.AsSpan(0, count).CopyTo(larger);
        BufferPool.Return(array);
        return larger;
    }
}
