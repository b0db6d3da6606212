# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Random zone files of the nastiest kind, and questions that fit them, all from a seed."""
