using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Wspy.Compression;

/// <summary>Owns a zlib stream, in native memory because it must not move, and ends it exactly once.</summary>
/// <remarks>A stream that is in use when it is disposed lives until that use has ended.</remarks>
internal abstract unsafe class ZlibHandle : SafeHandle
{
    private bool _begun;

    protected ZlibHandle()
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(ZlibStream)));
    }

    public override bool IsInvalid => handle == 0;

    protected ZlibStream* Stream => (ZlibStream*)handle;

    /// <summary>Ends the stream that there was, and begins one.</summary>
    public void Begin()
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            EndStream();
            int result = BeginStream();
            if (result != ZlibNative.Ok)
            {
                ThrowFailed(result);
            }

            _begun = true;
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Works on spans that stay where they are for as long as it takes.</summary>
    /// <returns>zlib's result.</returns>
    public int Run(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, int flush)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            fixed (byte* from = input)
            fixed (byte* to = output)
            {
                // Not only a hint: zlib refuses null pointers, and an empty span is one. Nothing is read or written there.
                byte nothing = 0;
                Stream->NextIn = from is null ? &nothing : from;
                Stream->NextOut = to is null ? &nothing : to;
                Stream->AvailIn = (uint)input.Length;
                Stream->AvailOut = (uint)output.Length;
                int result = RunStream(flush);
                input = input[(input.Length - (int)Stream->AvailIn)..];
                written = output.Length - (int)Stream->AvailOut;
                return result;
            }
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    [DoesNotReturn]
    public static void ThrowFailed(int result) => throw (result == ZlibNative.MemoryError
        ? new InsufficientMemoryException("There is no memory for another zlib stream.")
        : new InvalidOperationException($"zlib failed with {result}."));

    /// <summary>Begins what a failed <see cref="EndStream"/> or the constructor left empty.</summary>
    protected abstract int BeginStream();

    protected abstract int RunStream(int flush);

    protected abstract int FreeStream();

    protected override bool ReleaseHandle()
    {
        EndStream();
        NativeMemory.Free(Stream);
        return true;
    }

    // The result tells only whether data was left over, which is no error here.
    private void EndStream()
    {
        if (_begun)
        {
            _begun = false;
            FreeStream();
        }
    }
}
