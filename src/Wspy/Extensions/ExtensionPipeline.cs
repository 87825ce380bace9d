using Wspy.Buffers;

namespace Wspy.Extensions;

/// <summary>Where the last instance of a chain writes what was received.</summary>
internal interface IExtensionSink
{
    /// <param name="least">How much room there must be.</param>
    Span<byte> GetSpan(int least);

    /// <summary>Takes what was written there.</summary>
    /// <returns>False to stop.</returns>
    bool Take(int count, bool end);
}

/// <summary>The instances of one connection as a chain in each direction (RFC 6455 §9.1): the first one listed is the first to work on what is sent.</summary>
/// <remarks>Receiving and sending have nothing in common but the instances, so each may be on a thread of its own.</remarks>
internal sealed class ExtensionPipeline : IMessageEncoder
{
    private const int BetweenSize = 4096;

    // An output buffer this large stays with an idle connection.
    private const int KeptOutput = 4 * 1024;

    // Whole messages lie inside of frames: last to be received, first to be sent.
    private readonly ExtensionInstance[] _receivers;
    private readonly ExtensionInstance[] _senders;
    private readonly bool[] _receives;
    private readonly bool[] _sends;
    private readonly byte[]?[] _between;
    private readonly PooledBuffer[] _sent = [new(KeptOutput), new(KeptOutput)];

    public ExtensionPipeline(IReadOnlyList<ExtensionInstance> instances)
    {
        _senders = [.. instances.Where(one => one.Unit == ExtensionUnit.Message), .. instances.Where(one => one.Unit == ExtensionUnit.Frame)];
        _receivers = [.. _senders.Reverse()];
        _receives = new bool[_receivers.Length];
        _sends = new bool[_senders.Length];
        _between = new byte[]?[_receivers.Length];
        foreach (ExtensionInstance instance in instances)
        {
            if (instance.Unit == ExtensionUnit.Frame)
            {
                FrameBits |= instance.Extension.ReservedBits;
            }

            if (instance.IdleTime != Timeout.InfiniteTimeSpan && (IdleTime == Timeout.InfiniteTimeSpan || instance.IdleTime < IdleTime))
            {
                IdleTime = instance.IdleTime;
            }

            Bits |= instance.Extension.ReservedBits;
            foreach (Opcode opcode in instance.Extension.Opcodes)
            {
                Opcodes |= 1 << (int)opcode;
            }
        }
    }

    /// <summary>After how long without sending to call <see cref="ReleaseIdle"/>; infinite for never.</summary>
    public TimeSpan IdleTime { get; } = Timeout.InfiniteTimeSpan;

    /// <summary>Who worked last on what was received; when an exception comes out of that, it is of this one.</summary>
    public Extension? Receiver { get; private set; }

    /// <summary>Who worked last on what is sent.</summary>
    public Extension? Sender { get; private set; }

    /// <summary>All reserved bits that are claimed.</summary>
    public ReservedBits Bits { get; }

    /// <summary>Those of them that continuations may have.</summary>
    public ReservedBits FrameBits { get; }

    /// <summary>The opcodes that are claimed, a bit for each.</summary>
    public int Opcodes { get; }

    /// <summary>As of the only instance: what several make together is nobody else's.</summary>
    public object? SharedForm => _senders is [{ } only] ? only.SharedForm : null;

    /// <summary>Whether each frame of the message that is being received goes through an instance.</summary>
    public bool TransformsMessage { get; private set; }

    /// <summary>A data frame begins.</summary>
    /// <returns>Whether its payload goes through <see cref="Receive"/>.</returns>
    public bool BeginReceive(Opcode opcode, ReservedBits reserved, bool startsMessage)
    {
        bool any = false;
        TransformsMessage &= !startsMessage;
        for (int i = 0; i < _receivers.Length; i++)
        {
            ExtensionInstance instance = _receivers[i];
            if (instance.Unit == ExtensionUnit.Frame || startsMessage)
            {
                Receiver = instance.Extension;
                _receives[i] = instance.BeginReceive(opcode, reserved & instance.Extension.ReservedBits);
            }

            any |= _receives[i];
            TransformsMessage |= _receives[i] && instance.Unit == ExtensionUnit.Message;
        }

        return any;
    }

    /// <returns><see cref="ExtensionStatus.NeedsInput"/> when all was taken, <see cref="ExtensionStatus.NeedsOutput"/> when the sink stopped.</returns>
    public ExtensionStatus Receive(ReadOnlySpan<byte> input, bool frameEnds, bool messageEnds, IExtensionSink sink) =>
        Push(NextReceiver(0), input, frameEnds, messageEnds, sink);

    /// <summary>Does to the payload of a data frame what the extensions do.</summary>
    /// <param name="opcode">Of the frame.</param>
    /// <param name="payload">Of the frame.</param>
    /// <param name="fin">Whether the message ends with it.</param>
    /// <param name="reserved">Gets the bits of those that did something.</param>
    /// <param name="result">In memory that is valid until the next call and <see cref="ForgetSent"/>.</param>
    /// <returns>False to send the payload as it is.</returns>
    public bool TrySend(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ref ReservedBits reserved, out ReadOnlyMemory<byte> result)
    {
        result = default;
        ReadOnlySpan<byte> current = payload;
        bool starts = opcode != Opcode.Continuation;
        bool changed = false;
        int turn = 0;
        for (int i = 0; i < _senders.Length; i++)
        {
            ExtensionInstance instance = _senders[i];
            bool byFrame = instance.Unit == ExtensionUnit.Frame;
            ReservedBits bits = ReservedBits.None;
            Sender = instance.Extension;
            if (byFrame || starts)
            {
                bits = instance.BeginSend(opcode, current, byFrame || fin);
                _sends[i] = bits != 0;
                if ((bits & ~instance.Extension.ReservedBits) != 0)
                {
                    throw new InvalidOperationException($"{instance.Extension.Name} sets reserved bits that it does not claim ({bits}).");
                }
            }

            if (!_sends[i])
            {
                continue;
            }

            PooledBuffer output = _sent[turn];
            output.Clear(keepArray: true);
            instance.Send(current, output, byFrame || fin);
            if ((byFrame || (starts && fin)) && !instance.KeepsResult(current.Length, output.Count))
            {
                continue;
            }

            current = output.WrittenSpan;
            result = output.WrittenMemory;
            reserved |= bits;
            changed = true;
            turn ^= 1;
        }

        return changed;
    }

    bool IMessageEncoder.TryEncode(Opcode opcode, ReadOnlySpan<byte> payload, ref ReservedBits reserved, out ReadOnlyMemory<byte> encoded) =>
        TrySend(opcode, payload, fin: true, ref reserved, out encoded);

    /// <summary>Gives back the memory of the last result.</summary>
    public void ForgetSent()
    {
        _sent[0].Clear();
        _sent[1].Clear();
    }

    /// <summary>Gives back what sending can make anew, in the turn of who sends.</summary>
    public void ReleaseIdle()
    {
        foreach (ExtensionInstance instance in _senders)
        {
            Sender = instance.Extension;
            instance.ReleaseIdle();
        }
    }

    /// <summary>Gives everything back, whatever one of the instances throws over it.</summary>
    /// <param name="sender">The first instance's extension that threw.</param>
    /// <returns>What it threw; null when none did.</returns>
    public Exception? Dispose(out Extension? sender)
    {
        Exception? failure = null;
        sender = null;
        foreach (ExtensionInstance instance in _senders)
        {
            try
            {
                instance.Dispose();
            }
            catch (Exception exception)
            {
                // Told with the end of the connection, which goes on.
                (failure, sender) = failure is null ? (exception, instance.Extension) : (failure, sender);
            }
        }

        for (int i = 0; i < _between.Length; i++)
        {
            if (_between[i] is { } array)
            {
                _between[i] = null;
                BufferPool.Return(array);
            }
        }

        return failure;
    }

    private ExtensionStatus Push(int index, ReadOnlySpan<byte> input, bool frameEnds, bool messageEnds, IExtensionSink sink)
    {
        ExtensionInstance instance = _receivers[index];
        int next = NextReceiver(index + 1);
        bool end = instance.Unit == ExtensionUnit.Frame ? frameEnds : messageEnds;
        int least = 1;
        while (true)
        {
            Span<byte> output = next < 0 ? sink.GetSpan(least) : (_between[index] ??= BufferPool.Rent(BetweenSize));
            Receiver = instance.Extension;
            int before = input.Length;
            ExtensionStatus status = instance.Receive(ref input, output, out int written, end);
            least = LeastRoom(instance, status, output.Length, written, before - input.Length, input.Length);
            if (status > ExtensionStatus.NeedsOutput)
            {
                return status;
            }

            bool done = status == ExtensionStatus.NeedsInput;
            if (next >= 0)
            {
                ExtensionStatus passed = Push(next, output[..written], frameEnds && done, messageEnds && done, sink);
                if (passed != ExtensionStatus.NeedsInput)
                {
                    return passed;
                }
            }
            else if (!sink.Take(written, messageEnds && done))
            {
                return ExtensionStatus.NeedsOutput;
            }

            if (done)
            {
                return ExtensionStatus.NeedsInput;
            }
        }
    }

    // How much room to give next. One that works in blocks may find too little for the next one, but not too little of what any has.
    private static int LeastRoom(ExtensionInstance instance, ExtensionStatus status, int room, int written, int taken, int left)
    {
        if (status == ExtensionStatus.NeedsInput && left > 0)
        {
            throw new InvalidOperationException($"{instance.Extension.Name} asks for input and leaves {left:N0} bytes of it.");
        }

        if (status != ExtensionStatus.NeedsOutput || written > 0 || taken > 0)
        {
            return 1;
        }

        return room < BetweenSize
            ? BetweenSize
            : throw new InvalidOperationException($"{instance.Extension.Name} takes nothing and writes nothing with room for {room:N0} bytes.");
    }

    private int NextReceiver(int from) => _receives.AsSpan(from).IndexOf(true) is >= 0 and var found ? from + found : -1;
}
