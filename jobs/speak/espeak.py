"""Speak with eSpeak NG, a library inside a wheel: on this computer, without a network.

https://github.com/espeak-ng/espeak-ng/blob/master/src/include/espeak-ng/speak_lib.h
"""

import ctypes
import importlib.util

from jobs.errors import ErrorKind, JobError
from jobs.requirements import SPEECH, explain_missing_module
from jobs.speak.speech import Speech, Spoken
from jobs.speak.wav import build_wav

FORMATS = ("wav",)
PACKAGE = "espeakng_loader"
SYNCHRONOUS, CHARACTERS, UTF8 = 1, 1, 1  # AUDIO_OUTPUT_RETRIEVAL is synchronous here: the callback ends before Synth


def speak_locally(speech: Speech) -> Spoken:
    """A WAV file. Raises JobError where the package or the voice is not there."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise JobError(explain_missing_module(PACKAGE), ErrorKind.unavailable)
    import espeakng_loader

    library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if rate <= 0:
        raise JobError(f"eSpeak NG does not start ({rate}): install {SPEECH} again.", ErrorKind.unavailable)
    samples = bytearray()

    def keep(wave: "ctypes._Pointer[ctypes.c_short]", count: int, events: object) -> int:
        if wave and count > 0:
            samples.extend(ctypes.string_at(wave, count * 2))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    callback = kind(keep)  # it must live as long as it is called
    library.espeak_SetSynthCallback(callback)
    voice = speech.voice or speech.language.lower()
    if not any(library.espeak_SetVoiceByName(name.encode()) == 0 for name in (voice, voice.partition("-")[0])):
        raise JobError(f"eSpeak NG has no voice {voice}: name a language such as es or en.", ErrorKind.not_found)
    text = speech.text.replace("\0", " ").encode()
    library.espeak_Synth(text, len(text) + 1, 0, CHARACTERS, 0, UTF8, None, None)
    library.espeak_Synchronize()
    return Spoken(build_wav(bytes(samples), rate), voice, usd=0.0)
