using System.Runtime.InteropServices;

namespace Wspy.Compression;

/// <summary>The runtime's view of a zlib stream: where to read and write, and zlib's own state behind a pointer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ZlibStream
{
    public byte* NextIn;
    public byte* NextOut;
    public byte* Message;
    public void* State;
    public uint AvailIn;
    public uint AvailOut;
}
