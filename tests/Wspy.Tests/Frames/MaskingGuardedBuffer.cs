using System.Runtime.InteropServices;

namespace Wspy.Tests;

/// <summary>Memory between two pages that may not be touched, so that one byte read or written outside ends the test run.</summary>
internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymous = 0x02 | 0x20;

    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly nuint _inner;
    private readonly byte* _start;

    /// <summary>The two flags above are Linux's.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    public GuardedBuffer(int length)
    {
        _inner = ((nuint)length + _page - 1) / _page * _page;
        nint start = Map(0, _inner + (2 * _page), 0, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, start);
        _start = (byte*)start;
        Assert.Equal(0, Protect((nint)(_start + _page), _inner, ReadWrite));
    }

    /// <summary>The span that begins right after a page that may not be touched.</summary>
    public Span<byte> First(int length) => new(_start + _page, length);

    /// <summary>The span that ends right before a page that may not be touched.</summary>
    public Span<byte> Last(int length) => new(_start + _page + _inner - length, length);

    public void Dispose() => Assert.Equal(0, Unmap((nint)_start, _inner + (2 * _page)));

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
