using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Wspy;

// Block by block after J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2020),
// https://arxiv.org/abs/2010.03090. A block sees the three bytes before it, so it needs no state of its own: in memory,
// or for the first block of a chunk as the pending lead byte. The last block overlaps the one before, which is judged
// twice with the same result; so nothing is padded and nothing is read outside the chunk.
public partial struct Utf8Validator
{
    /// <summary>How far a block looks back: the lead byte of a four-byte sequence stands three bytes before its last.</summary>
    private const int LookBack = 3;

    /// <summary>
    /// In bytes: how far blocks go between two looks at what they found, and at whether ASCII follows. A look at every turn
    /// costs a fifth of the speed; at a look, at most this much is walked byte by byte to find the proving one.
    /// </summary>
    private const int Stride = 2048;

    /// <summary>Judges a chunk of any length with what this machine has.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Judge(ref byte text, nuint length, ref byte pending)
    {
        if (Width512.IsSupported && length >= (nuint)Width512.Size)
        {
            return Judge<Width512, Vector512<byte>>(ref text, length, ref pending);
        }

        if (Width256.IsSupported && length >= (nuint)Width256.Size)
        {
            return Judge<Width256, Vector256<byte>>(ref text, length, ref pending);
        }

        return Width128.IsSupported && length >= (nuint)Width128.Size
            ? Judge<Width128, Vector128<byte>>(ref text, length, ref pending)
            : JudgeRest(ref text, 0, length, ref pending);
    }

    /// <summary>Judges a chunk of at least one vector.</summary>
    internal static int Judge<TWidth, TVector>(ref byte text, nuint length, ref byte pending)
        where TWidth : struct, IUtf8Width<TVector>
        where TVector : struct
    {
        nuint position = pending == 0 ? SkipAscii<TWidth, TVector>(ref text, length) : 0;
        if (position == length)
        {
            return -1;
        }

        return length - position >= (nuint)TWidth.Size + LookBack
            ? JudgeBlocks<TWidth, TVector>(ref text, position, length, ref pending)
            : JudgeRest(ref text, position, length, ref pending);
    }

    /// <summary>Judges what is too short for the widest vectors.</summary>
    internal static int JudgeRest(ref byte text, nuint position, nuint length, ref byte pending)
    {
        nuint rest = length - position;
        if (!Width128.IsSupported || rest < 4)
        {
            return Walk(ref text, position, length, ref pending);
        }

        if (Width256.IsSupported && rest >= (nuint)Width256.Size + LookBack)
        {
            return JudgeBlocks<Width256, Vector256<byte>>(ref text, position, length, ref pending);
        }

        return rest >= (nuint)Width128.Size + LookBack
            ? JudgeBlocks<Width128, Vector128<byte>>(ref text, position, length, ref pending)
            : JudgeShort(ref text, position, length, ref pending);
    }

    /// <summary>The length of the ASCII text at the start: all of it, or whole vectors only.</summary>
    private static nuint SkipAscii<TWidth, TVector>(ref byte text, nuint length)
        where TWidth : struct, IUtf8Width<TVector>
        where TVector : struct
    {
        nuint size = (nuint)TWidth.Size;
        nuint position = 0;
        for (; position + (4 * size) <= length; position += 4 * size)
        {
            ref byte turn = ref Unsafe.Add(ref text, position);
            TVector all = TWidth.Or(
                TWidth.Or(TWidth.Load(ref turn), TWidth.Load(ref Unsafe.Add(ref turn, size))),
                TWidth.Or(TWidth.Load(ref Unsafe.Add(ref turn, 2 * size)), TWidth.Load(ref Unsafe.Add(ref turn, 3 * size))));
            if (!TWidth.IsAscii(all))
            {
                break;
            }
        }

        for (; position + size <= length; position += size)
        {
            if (!TWidth.IsAscii(TWidth.Load(ref Unsafe.Add(ref text, position))))
            {
                return position;
            }
        }

        return TWidth.IsAscii(TWidth.Load(ref Unsafe.Add(ref text, length - size))) ? length : position;
    }

    /// <summary>Judges from <paramref name="start"/> to the end: at least one vector and the bytes it looks back on.</summary>
    private static int JudgeBlocks<TWidth, TVector>(ref byte text, nuint start, nuint length, ref byte pending)
        where TWidth : struct, IUtf8Width<TVector>
        where TVector : struct
    {
        nuint size = (nuint)TWidth.Size;
        System.Diagnostics.Debug.Assert(length - start >= size + LookBack, "One vector and what it looks back on must fit.");
        if (ErrorsAfter(pending, Vector128.LoadUnsafe(ref text, start)) != Vector128<byte>.Zero)
        {
            return Prove(ref text, start, length, ref pending);
        }

        Tables<TWidth, TVector> tables = Tables<TWidth, TVector>.Create();
        nuint position = start + (nuint)Width128.Size;
        TVector errors = TWidth.Create(0);
        nuint checkpoint = position;
        while (position + (4 * size) <= length)
        {
            checkpoint = position;
            ref byte first = ref Unsafe.Add(ref text, position);
            TVector head = TWidth.Load(ref first);
            if (TWidth.IsAscii(head))
            {
                // In ASCII only the first bytes can err, after a sequence that was left unfinished before them.
                errors = tables.Errors(head, ref first);
                position += SkipAscii<TWidth, TVector>(ref first, length - position);
            }

            nuint stop = Math.Min(length, position + Stride);
            for (; position + (4 * size) <= stop; position += 4 * size)
            {
                ref byte a = ref Unsafe.Add(ref text, position);
                ref byte b = ref Unsafe.Add(ref a, size);
                ref byte c = ref Unsafe.Add(ref b, size);
                ref byte d = ref Unsafe.Add(ref c, size);
                errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref a), ref a));
                errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref b), ref b));
                errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref c), ref c));
                errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref d), ref d));
            }

            if (!TWidth.IsZero(errors))
            {
                return Locate(ref text, checkpoint, length, ref pending);
            }
        }

        // Fewer than four vectors are left; the last one ends with the chunk.
        checkpoint = position;
        nuint last = length - size;
        for (; position < last; position += size)
        {
            ref byte block = ref Unsafe.Add(ref text, position);
            errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref block), ref block));
        }

        ref byte lastBlock = ref Unsafe.Add(ref text, last);
        errors = TWidth.Or(errors, tables.Errors(TWidth.Load(ref lastBlock), ref lastBlock));
        return TWidth.IsZero(errors)
            ? Leave(ref text, length, ref pending)
            : Locate(ref text, checkpoint, length, ref pending);
    }

    /// <summary>Judges 4 to 18 bytes in one vector, after the one or two bytes that are too many for it.</summary>
    private static int JudgeShort(ref byte text, nuint position, nuint length, ref byte pending)
    {
        nuint rest = length - position;
        if (rest > (nuint)Width128.Size)
        {
            nuint block = length - (nuint)Width128.Size;
            int failure = Walk(ref text, position, block, ref pending);
            if (failure >= 0)
            {
                return failure;
            }

            position = block;
            rest = (nuint)Width128.Size;
        }

        // The zeros behind a partial block would be errors of an unfinished sequence; they are none of the text's bytes.
        Vector128<byte> errors = ErrorsAfter(pending, LoadPartial(ref Unsafe.Add(ref text, position), rest))
            & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)rest));
        return errors == Vector128<byte>.Zero
            ? Leave(ref text, length, ref pending)
            : Prove(ref text, position, length, ref pending);
    }

    /// <summary>4 to 16 bytes, followed by zeros: two loads that may overlap, the second one's known bytes shifted out (in two steps, since a shift by the whole width is none).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LoadPartial(ref byte text, nuint length)
    {
        if (length == 16)
        {
            return Vector128.LoadUnsafe(ref text);
        }

        if (length >= 8)
        {
            ulong high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, length - 8)) >> (int)(8 * (15 - length)) >> 8;
            return Vector128.Create(Unsafe.ReadUnaligned<ulong>(ref text), high).AsByte();
        }

        uint upper = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, length - 4)) >> (int)(8 * (7 - length)) >> 8;
        return Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref text) | ((ulong)upper << 32)).AsByte();
    }

    /// <summary>Finds the proving byte, once a block at or after <paramref name="position"/> has failed and all before it were valid.</summary>
    /// <remarks>
    /// The walk starts at the last lead byte that may be unfinished at <paramref name="position"/>. A byte that can never lead
    /// is flagged with the byte after it, so it may stand right before.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Locate(ref byte text, nuint position, nuint length, ref byte pending)
    {
        for (nuint back = 1; back <= LookBack; back++)
        {
            if (Unsafe.Add(ref text, position - back) >= 0xC0)
            {
                position -= back;
                break;
            }
        }

        pending = 0;
        return Prove(ref text, position, length, ref pending);
    }

    /// <summary>Finds the proving byte after a block at <paramref name="position"/> has failed.</summary>
    private static int Prove(ref byte text, nuint position, nuint length, ref byte pending)
    {
        int failure = Walk(ref text, position, length, ref pending);
        System.Diagnostics.Debug.Assert(failure >= 0, "A block has refused what the automaton accepts.");
        return failure;
    }

    /// <summary>Keeps what is unfinished at the end of a chunk of four bytes or more, in which no block has found an error.</summary>
    private static int Leave(ref byte text, nuint length, ref byte pending)
    {
        byte last = Unsafe.Add(ref text, length - 1);
        byte second = Unsafe.Add(ref text, length - 2);
        byte third = Unsafe.Add(ref text, length - 3);
        pending = last switch
        {
            < 0x80 => 0,
            >= 0xC0 => AfterLead(last),
            _ when second >= 0xC0 => AfterContinuation(second),
            _ => third >= 0xF0 ? OneMore : (byte)0,
        };
        return pending == Failed ? (int)length - 1 : -1;
    }
}
