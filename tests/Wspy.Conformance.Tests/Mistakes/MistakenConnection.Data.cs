using System.Buffers;

namespace Wspy.Conformance.Tests.Mistakes;

// Messages, their fragments and their text.
internal sealed partial class MistakenConnection
{
    private readonly List<ReadOnlyMemory<byte>> _latePings = [];
    private readonly ArrayBufferWriter<byte> _message = new();
    private Utf8Validator _utf8;
    private int _kind;
    private int _messages;
    private int _emptyFragments;

    /// <summary>The last message that came.</summary>
    public byte[] Last { get; private set; } = [];

    private async Task<bool> DataAsync(FrameStart frame, long length, uint key)
    {
        if (frame.Opcode != Continuation || _kind == 0)
        {
            Begin(frame.Opcode);
        }

        if (_message.WrittenCount + length > MessageLimit)
        {
            if (Has(Mistake.EndsTcpWithoutCloseAtTheLimit))
            {
                await EndAsync();
                return false;
            }

            Demand(Has(Mistake.HasNoMessageLimit), 1009);
        }

        if (length == 0 && ++_emptyFragments > 500 && Has(Mistake.DiesOnFloodsOfEmptyFragments))
        {
            peer.Die();
        }

        if (length == 0 && ((Has(Mistake.LosesEmptyFragments) && frame.Opcode == Continuation) || (Has(Mistake.LosesEmptyMessages) && frame.Opcode != Continuation && frame.Fin)))
        {
            return true;
        }

        await FragmentAsync(frame, length, key);
        if (frame.Fin)
        {
            await CompleteAsync();
        }
        else if (Has(Mistake.EchoesFragmentsAsNewMessages))
        {
            await SendAsync(_kind, _message.WrittenSpan.ToArray());
            _message.ResetWrittenCount();
        }
        else if (Has(Mistake.EchoesTheFirstFragmentAtOnce) && frame.Opcode != Continuation)
        {
            await SendAsync(_kind, _message.WrittenSpan.ToArray());
        }

        return true;
    }

    private void Begin(int kind)
    {
        _kind = kind is Text or Binary ? kind : Binary;
        _emptyFragments = 0;
        if (!Has(Mistake.KeepsTheMessageAfterItsEnd))
        {
            _message.ResetWrittenCount();
        }

        if (!Has(Mistake.CarriesACodePointIntoTheNextMessage))
        {
            _utf8.Reset();
        }
    }

    private async Task FragmentAsync(FrameStart frame, long length, uint key)
    {
        bool hold = Has(Mistake.HangsForOthersDuringASlowFrame);
        if (hold)
        {
            await peer.ForOneAtATime.WaitAsync(stopping);
        }

        if (Has(Mistake.EchoesOnlyTheLastFragment))
        {
            _message.ResetWrittenCount();
        }

        int began = _message.WrittenCount;
        try
        {
            for (long at = 0; at < length;)
            {
                Memory<byte> bytes = await PayloadAsync(at, length, key);
                at += bytes.Length;
                _message.Write(bytes.Span);
                if (_kind == Text || Has(Mistake.JudgesBinaryAsText))
                {
                    JudgeBytes(bytes.Span);
                }
            }

            if (_kind == Text)
            {
                JudgeFrame(_message.WrittenSpan[began..]);
            }
        }
        finally
        {
            if (hold)
            {
                peer.ForOneAtATime.Release();
            }
        }
    }

    private bool JudgesBytes => !Has(Mistake.DoesNotJudgeText) && !Has(Mistake.JudgesTextAtTheEndOfTheFrame) && !Has(Mistake.JudgesTextAtTheEndOfTheMessage)
        && !Has(Mistake.JudgesEachFragmentByItself) && !Has(Mistake.RepairsIllFormedText) && Forms == LenientUtf8.Forms.None;

    private LenientUtf8.Forms Forms => peer.Mistake switch
    {
        Mistake.AcceptsSurrogates => LenientUtf8.Forms.Surrogates,
        Mistake.AcceptsOverlongForms => LenientUtf8.Forms.Overlong,
        Mistake.AcceptsMoreThan10FFFF => LenientUtf8.Forms.Beyond,
        _ => LenientUtf8.Forms.None,
    };

    private void JudgeBytes(ReadOnlySpan<byte> bytes)
    {
        Demand(!JudgesBytes || _utf8.Validate(bytes) < 0, 1007);
        Demand(!Has(Mistake.RefusesTheFourByteForms) || bytes.IndexOfAnyInRange<byte>(0xF0, 0xF4) < 0, 1007);
        Demand(!Has(Mistake.RefusesNonCharacters) || bytes.IndexOf("\uFFFF"u8) < 0, 1007);
    }

    private void JudgeFrame(ReadOnlySpan<byte> bytes)
    {
        Demand(!Has(Mistake.JudgesTextAtTheEndOfTheFrame) || _utf8.Validate(bytes) < 0, 1007);
        Demand(!Has(Mistake.JudgesEachFragmentByItself) || Utf8Validator.IsValid(bytes), 1007);
    }

    private void JudgeMessage(ReadOnlySpan<byte> bytes)
    {
        bool incremental = JudgesBytes || Has(Mistake.JudgesTextAtTheEndOfTheFrame);
        Demand(!incremental || _utf8.IsComplete || Has(Mistake.AcceptsTruncatedText) || Has(Mistake.CarriesACodePointIntoTheNextMessage), 1007);
        Demand(!Has(Mistake.JudgesTextAtTheEndOfTheMessage) || Utf8Validator.IsValid(bytes), 1007);
        Demand(Forms == LenientUtf8.Forms.None || LenientUtf8.IsValid(bytes, Forms), 1007);
    }

    private async Task CompleteAsync()
    {
        byte[] message = _message.WrittenSpan.ToArray();
        int kind = _kind;
        if (kind == Text)
        {
            JudgeMessage(message);
            if (Has(Mistake.RepairsIllFormedText))
            {
                message = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(message));
            }
        }

        _kind = 0;
        _messages++;
        message = Has(Mistake.CutsMessagesAt8MiB) ? message[..Math.Min(message.Length, 8 << 20)] : message;
        Last = message;
        await SendAsync(Has(Mistake.EchoesTextAsBinary) ? Binary : kind, message);
        foreach (ReadOnlyMemory<byte> payload in _latePings)
        {
            await SendAsync(Pong, payload);
        }

        _latePings.Clear();
    }
}
